-- A materialized view is indexed concurrently, too.
-- given
create table orders (id bigint primary key, customer_id bigint);
insert into orders select n, n % 20 from generate_series(1, 200) n;
create materialized view order_counts as select customer_id, count(*) from orders group by customer_id;
-- change
create unique index on order_counts (customer_id);
create index on order_counts (count);
