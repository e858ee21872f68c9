-- A new table refers to one that gets a foreign key itself: the new version can use it from expand on.
-- given
create table customers (id bigint primary key);
create table orders (id bigint primary key, customer bigint);
insert into customers select n from generate_series(1, 200) as n;
insert into orders select n, n from generate_series(1, 200) as n;
-- change
alter table orders add constraint to_customer foreign key (customer) references customers;
create table lines (id bigint primary key, order_id bigint references orders);
