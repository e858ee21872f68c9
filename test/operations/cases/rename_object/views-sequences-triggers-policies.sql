-- Views, materialized views, sequences, triggers, policies and rules are renamed in contract.
-- given
create table orders (id bigint primary key, total integer);
create sequence numbers;
alter table orders alter column id set default nextval('numbers');
create view big_orders as select id from orders where total > 100;
create materialized view totals as select sum(total) from orders;
create function same_row() returns trigger language plpgsql as $$ begin return new; end $$;
create trigger keep before update on orders for each row execute function same_row();
create policy everybody on orders;
create rule no_delete as on delete to orders do instead nothing;
insert into orders select n, n from generate_series(1, 200) n;
-- change
alter view big_orders rename to large_orders;
alter materialized view totals rename to order_totals;
alter sequence numbers rename to order_numbers;
alter trigger keep on orders rename to keep_row;
alter policy everybody on orders rename to all_of_them;
alter rule no_delete on orders rename to never_delete;
-- old client
select id from big_orders where id = :r;
update orders set total = total where id = :r;
-- new client
update orders set total = total where id = :r;
