-- A unique index for which NULLs are equal, on an unlogged table with a text as key.
-- versions 15+
-- given
create unlogged table seats (code text primary key, seat integer, constraint one_seat unique nulls not distinct (seat));
create unique index by_half on seats ((seat / 2.0)) nulls not distinct;
insert into seats select 's' || n, nullif(n, 7) from generate_series(1, 200) as n;
-- change
alter table seats rename seat to place;
