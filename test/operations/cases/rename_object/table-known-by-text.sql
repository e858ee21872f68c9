-- Functions that take rows of the table or name it in their texts, and sequences that move with it, are listed.
-- given
create schema archive;
create table orders (id bigserial primary key, total integer);
create table order_totals (total bigint);
create function tax(orders) returns numeric language sql as $$ select $1.total * 0.2 $$;
create function first_order() returns setof orders language sql as $$ select * from orders order by id limit 1 $$;
create function count_orders() returns bigint language plpgsql as $$ begin return (select count(*) from orders); end $$;
create function unrelated() returns bigint language sql as $$ select count(*) from order_totals $$;
insert into orders (total) select n from generate_series(1, 200) n;
-- change
alter table orders set schema archive;
-- old client
insert into orders (total) values (:n);
select id, total from first_order();
select count_orders();
-- new client
insert into archive.orders (total) values (:n);
select tax(o) from archive.orders o where id = :r;
