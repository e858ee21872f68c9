-- A foreign key, with the referenced table under ROW SHARE.
-- given
create schema shop;
create table shop.customers (id bigint primary key);
create table orders (id bigint primary key, customer_id bigint);
insert into shop.customers select n from generate_series(1, 200) n;
insert into orders select n, n from generate_series(1, 200) n;
alter table orders add constraint orders_customer foreign key (customer_id) references shop.customers on delete set null deferrable not valid;
-- change
alter table orders validate constraint orders_customer;
