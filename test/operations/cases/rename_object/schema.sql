-- A schema with everything in it is renamed in contract.
-- given
create schema shop;
create type shop.state as enum ('open', 'paid');
create table shop.customers (id bigserial primary key);
create table shop.orders (id bigint primary key, customer_id bigint references shop.customers, state shop.state);
create view shop.open_orders as select id from shop.orders where state = 'open';
create table notes (id bigint primary key, order_id bigint references shop.orders);
insert into shop.orders select n, null, 'open' from generate_series(1, 200) n;
-- change
alter schema shop rename to store;
