-- The rows that a dropped table refers to can be deleted when it is gone; what does not touch the key need not wait.
-- given
create table customers (id bigint primary key, name text);
create table notes (id bigint primary key, customer bigint references customers);
insert into customers select n, null from generate_series(1, 60) n;
insert into notes select n, n from generate_series(1, 60) n;
-- change
drop table notes;
update customers set name = 'x' where name is null;
delete from customers where id < 10;
