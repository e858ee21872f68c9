-- Check, foreign key and unique key of a partitioned table.
-- given
create table customers (id bigint primary key);
create table orders (id bigint not null, customer_id bigint constraint orders_customer references customers, constraint orders_key unique (id), constraint id_positive check (id > 0)) partition by range (id);
create table orders_a partition of orders for values from (0) to (100);
create table orders_b partition of orders for values from (100) to (100000) partition by hash (id);
create table orders_b1 partition of orders_b for values with (modulus 1, remainder 0);
insert into customers select n from generate_series(1, 200) n;
insert into orders select n, n from generate_series(1, 200) n;
-- change
alter table orders drop constraint orders_customer;
alter table orders drop constraint id_positive;
alter table orders drop constraint orders_key;
-- old client
insert into orders values (1000 + :n, 1);
-- new client
insert into orders values (1000 + :n, 1);
