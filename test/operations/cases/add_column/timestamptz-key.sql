-- Moments as keys, down to the microsecond and up to infinity; the table is unlogged.
-- given
create unlogged table ticks (at timestamptz primary key, name text);
insert into ticks select timestamptz '2024-01-01 00:00:00+00' + n * interval '1 microsecond', 'n' || n from generate_series(1, 200) as n;
insert into ticks values ('infinity', 'last'), ('-infinity', 'first'), ('0044-03-15 12:00:00+00 BC', 'ides');
-- change
alter table ticks add column token uuid not null default gen_random_uuid() unique;
