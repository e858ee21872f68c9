-- A grant on all tables of a schema is for those that are there by then, and default privileges for those that come
-- behind them: both wait for a view that is made anew.
-- given
do $$ begin create role case_reader; exception when duplicate_object then null; end $$;
create schema shop;
create table shop.users (id bigint primary key, email text not null, name text);
insert into shop.users select n, 'user' || n, 'name' || n from generate_series(1, 200) as n;
create view shop.contacts as select id, email from shop.users;
grant select on shop.contacts to case_reader;
-- change
create table shop.teams (id bigint primary key);
drop view shop.contacts;
create view shop.contacts as select id, name, email from shop.users;
grant select on all tables in schema shop to case_reader;
alter default privileges in schema shop grant insert on tables to case_reader;
create table shop.orders (id bigint primary key);
