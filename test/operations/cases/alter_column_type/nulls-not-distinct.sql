-- Indexes and keys for which NULLs are equal stay so; the table is unlogged, its key a moment and a text.
-- versions 15+
-- given
create unlogged table seats (at timestamptz, hall text, seat integer, guest integer, primary key (at, hall), constraint one_seat unique nulls not distinct (hall, seat));
create unique index one_guest on seats (guest, hall) nulls not distinct where seat is not null;
insert into seats select timestamptz '2024-01-01 00:00:00+00' + n * interval '1 minute', 'h' || n, nullif(n, 7), nullif(n, 9) from generate_series(1, 200) as n;
-- change
alter table seats alter column seat type bigint;
alter table seats alter column guest type bigint;
