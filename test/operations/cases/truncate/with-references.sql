-- All rows go when the old application is gone, with those that refer to them.
-- given
create table carts (id bigint primary key);
create table items (id bigint primary key, cart bigint references carts);
create table users (id bigint primary key);
insert into carts select n from generate_series(1, 200) as n;
insert into items select n, n from generate_series(1, 200) as n;
insert into users select n from generate_series(1, 200) as n;
-- change
truncate carts cascade;
-- old client
select count(*) from carts;
select count(*) from items;
-- new client
select count(*) from users;
