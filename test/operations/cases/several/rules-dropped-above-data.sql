-- A key, a check and a foreign key are dropped, and the statements below write what they forbade: those wait until the rules are gone.
-- given
create table customers (id bigint primary key, code varchar(20), constraint customers_code unique (code));
create table orders (id bigint primary key, customer bigint constraint orders_customer references customers, total integer constraint orders_total check (total > 0));
insert into customers select n, 'c' || n from generate_series(1, 60) n;
insert into orders select n, 1 + n % 30, n from generate_series(1, 100) n;
-- change
alter table customers drop constraint customers_code;
alter table orders drop constraint orders_customer, drop constraint orders_total;
update customers set code = 'same';
delete from customers where id < 10;
update orders set total = -total where id < 20;
insert into orders values (1001, 2002, -1);
