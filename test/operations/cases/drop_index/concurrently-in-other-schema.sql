-- What is written CONCURRENTLY stays so.
-- given
create schema shop;
create table shop.orders (id bigint primary key, customer_id bigint);
create index by_customer on shop.orders (customer_id);
insert into shop.orders select n, n % 20 from generate_series(1, 200) n;
-- change
drop index concurrently shop.by_customer;
