-- What follows a table's rename uses the new name.
-- given
create table orders (id bigint primary key, total integer);
insert into orders select n, n from generate_series(1, 200) n;
-- change
alter table orders rename to purchases;
alter table purchases rename constraint orders_pkey to purchases_pkey;
create table order_notes (purchase_id bigint references purchases, note text);
-- old client
insert into orders values (1000 + :n, 1);
-- new client
insert into purchases values (1000 + :n, 1);
