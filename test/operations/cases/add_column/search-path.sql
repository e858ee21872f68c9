-- An unqualified name means the table that the search path finds.
-- given
create schema shop;
create table shop.items (id bigint primary key, price int not null);
create table items (id bigint primary key, price int not null);
insert into shop.items select n, n from generate_series(1, 200) as n;
insert into items select n, n from generate_series(1, 50) as n;
-- change
set search_path = shop, public;
-- migrate:using price * 2
alter table items add column double_price int not null;
-- same as
alter table shop.items add column double_price int;
update shop.items set double_price = price * 2;
alter table shop.items alter column double_price set not null;
