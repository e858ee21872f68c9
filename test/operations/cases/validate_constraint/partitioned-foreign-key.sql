-- A foreign key of a partitioned table (NOT VALID there since Postgres 18).
-- versions 18+
-- given
create table customers (id bigint primary key);
create table orders (id bigint not null, customer_id bigint) partition by range (id);
create table orders_a partition of orders for values from (0) to (100);
create table orders_b partition of orders for values from (100) to (100000);
insert into customers select n from generate_series(1, 200) n;
insert into orders select n, n from generate_series(1, 200) n;
alter table orders add constraint orders_customer foreign key (customer_id) references customers not valid;
-- change
alter table orders validate constraint orders_customer;
