-- A part less: the old application may use it until contract.
-- given
create type address as (street text, city text);
create table users (id bigint primary key, home text);
insert into users select n, 's' || n from generate_series(1, 200) as n;
-- change
alter type address drop attribute city;
alter type address alter attribute street type varchar(50);
