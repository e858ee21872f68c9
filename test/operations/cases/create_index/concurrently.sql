-- What is written CONCURRENTLY stays so.
-- given
create table orders (id bigint primary key, customer_id bigint);
insert into orders select n, n % 20 from generate_series(1, 200) n;
-- change
create index concurrently orders_customer on orders (customer_id);
