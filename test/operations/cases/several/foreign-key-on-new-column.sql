-- A foreign key on a column that the same migration adds comes with it: the old application writes NULL there.
-- given
create table customers (id bigint primary key, name text not null);
insert into customers select n, 'c' || n from generate_series(1, 200) n;
create table orders (id bigint primary key, total integer);
insert into orders select n, n from generate_series(1, 200) n;
-- change
alter table orders add column customer_id bigint references customers (id);
create index on orders (customer_id);
-- old client
insert into orders (id, total) values (1000 + :n, 1);
-- new client
insert into orders (id, total, customer_id) values (1000 + :n, 1, :r);
