-- An array of integers becomes an array of bigints; one of a domain, too.
-- given
create domain weekday as integer;
create table rosters (id bigint primary key, shifts integer[] not null default '{}', days weekday[], check (cardinality(shifts) < 100));
create index on rosters using gin (shifts);
insert into rosters select n, array[n, n + 1], array[1, 2] from generate_series(1, 200) n;
-- change
alter table rosters alter column shifts type bigint[], alter column days type bigint[];
