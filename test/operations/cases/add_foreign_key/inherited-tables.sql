-- A foreign key is not inherited: rows of tables below are neither bound nor found.
-- given
create table customers (id bigint primary key, name text not null);
insert into customers select n, 'c' || n from generate_series(1, 200) n;
create table orders (id bigint primary key, customer_id bigint);
create table old_orders (closed date) inherits (orders);
insert into orders select n, n from generate_series(1, 200) n;
insert into old_orders select n, n + 5000, date '2020-01-01' from generate_series(1, 50) n;
-- change
alter table orders add foreign key (customer_id) references customers;
-- old client
insert into old_orders (id, customer_id) values (1000 + :n, 9999);
-- new client
insert into orders (id, customer_id) values (1000 + :n, :r);
