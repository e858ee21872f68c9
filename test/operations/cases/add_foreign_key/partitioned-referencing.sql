-- A partitioned table gets its key partition by partition before Postgres 18, as a whole since.
-- given
create table customers (id bigint primary key, name text not null);
insert into customers select n, 'c' || n from generate_series(1, 200) n;
create table orders (id bigint not null, placed date not null, customer_id bigint, primary key (id, placed)) partition by range (placed);
create table orders_2023 partition of orders for values from ('2023-01-01') to ('2024-01-01');
create table orders_2024 partition of orders for values from ('2024-01-01') to ('2025-01-01') partition by hash (id);
create table orders_2024_a partition of orders_2024 for values with (modulus 2, remainder 0);
create table orders_2024_b partition of orders_2024 for values with (modulus 2, remainder 1);
insert into orders select n, date '2023-06-01' + n::int, n % 200 + 1 from generate_series(1, 400) n;
-- change
alter table orders add constraint orders_customer foreign key (customer_id) references customers on delete cascade;
