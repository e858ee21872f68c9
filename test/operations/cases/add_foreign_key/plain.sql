-- A foreign key between tables in use: orphans are counted, then NOT VALID, then validated.
-- shown in docs
-- given
create table customers (id bigint primary key, name text not null);
insert into customers select n, 'c' || n from generate_series(1, 200) n;
create table orders (id bigint primary key, customer_id bigint, total integer);
create index on orders (customer_id);
insert into orders select n, case when n % 7 = 0 then null else n % 200 + 1 end, n from generate_series(1, 300) n;
-- change
alter table orders add constraint orders_customer foreign key (customer_id) references customers (id);
