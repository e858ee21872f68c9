-- Another expression of a stored column means another value in every row.
-- versions 17+
-- given
create table users (id bigint primary key, age int, twice int generated always as (age * 2) stored);
insert into users (id, age) select n, n % 90 from generate_series(1, 200) as n;
analyze users;
-- change
alter table users alter column twice set expression as (age * 2 + 1);
-- expect CANNOT_PLAN
