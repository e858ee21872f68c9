-- A partition in which the name is taken gets its key under another one.
-- given
create table customers (id bigint primary key, name text not null);
insert into customers select n, 'c' || n from generate_series(1, 200) n;
create table orders (id bigint not null, customer_id bigint, primary key (id)) partition by range (id);
create table orders_a partition of orders for values from (0) to (150);
create table orders_b partition of orders default;
alter table orders_b add constraint orders_b_customer check (id > 0);
insert into orders select n, n % 200 + 1 from generate_series(1, 400) n;
-- change
alter table orders add constraint orders_b_customer foreign key (customer_id) references customers;
