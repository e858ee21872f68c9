-- All tables of a schema, and a materialized view.
-- given
create schema shop;
create table shop.users (id bigint primary key, name text);
insert into shop.users select n, 'u' || n from generate_series(1, 200) as n;
create materialized view shop.names as select id, name from shop.users;
create unique index names_id on shop.names (id);
-- change
reindex schema shop;
