-- A part more: the values that are there are not touched.
-- given
create type address as (street text, city text);
create table users (id bigint primary key, home address);
insert into users select n, row('s' || n, 'c' || n)::address from generate_series(1, 200) as n;
-- change
alter type address add attribute zip text;
-- old client
select (home).street from users where id = :r;
-- new client
select (home).zip from users where id = :r;
