-- A view over two tables whose columns both change type: it goes before the first swap and comes back behind the last.
-- given
create table orders (id bigint primary key, total integer, customer bigint);
create table customers (id bigint primary key, credit integer);
create view dues as select o.id, o.total, c.credit from orders o join customers c on c.id = o.customer where o.total > c.credit;
insert into customers select n, n % 9 from generate_series(1, 200) as n;
insert into orders select n, n % 11, n from generate_series(1, 200) as n;
-- change
drop view dues;
alter table orders alter column total type bigint;
alter table customers alter column credit type bigint;
create view dues as select o.id, o.total, c.credit from orders o join customers c on c.id = o.customer where o.total > c.credit;
-- old client
select id, total from dues where id = :r;
update orders set total = total + 1 where id = :r;
-- new client
select id, total, credit from dues where id = :r;
update customers set credit = credit + 1 where id = :r;
