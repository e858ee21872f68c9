-- The same with rows in the new table: they are looked up in the table in use, and nobody waits for that.
-- given
create table customers (id integer primary key, name text);
insert into customers select n, 'c' || n from generate_series(1, 50) n;
-- change
create table orders (id bigint primary key, customer bigint references customers on delete cascade);
insert into orders select id, id from customers;
alter table orders alter column customer type integer;
