-- A column of a table that the same migration creates changes its type and refers to a table in use, which must not be read under a lock.
-- given
create table customers (id integer primary key, name text);
insert into customers select n, 'c' || n from generate_series(1, 50) n;
-- change
create table orders (id bigint primary key, customer bigint references customers on delete cascade);
alter table orders alter column customer type integer;
