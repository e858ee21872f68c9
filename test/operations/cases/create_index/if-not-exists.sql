-- IF NOT EXISTS: an index that is there, or anything else of that name, leaves nothing to do.
-- given
create table orders (id bigint primary key, customer_id bigint);
create index orders_customer on orders (id);
create view orders_by_id as select id from orders;
insert into orders select n, n % 20 from generate_series(1, 200) n;
-- change
create index if not exists orders_customer on orders (customer_id);
create index if not exists orders_by_id on orders (id);
create index if not exists orders_really on orders (customer_id);
