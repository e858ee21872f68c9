-- A list with NULL in it, and one without.
-- given
create table orders (id bigint not null, state text) partition by list (state);
create table orders_open partition of orders for values in ('open');
insert into orders select n, 'open' from generate_series(1, 200) as n;
create table orders_other (id bigint not null, state text);
insert into orders_other select n, case n % 2 when 0 then 'closed' end from generate_series(1, 200) as n;
create table orders_lost (id bigint not null, state text);
insert into orders_lost select n, 'lost' from generate_series(1, 200) as n;
-- change
alter table orders attach partition orders_other for values in ('closed', null);
alter table orders attach partition orders_lost for values in ('lost', 'stolen');
-- old client
select state from orders where id = :r;
-- new client
select state from orders where id = :r;
