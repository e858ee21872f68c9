-- The columns stay in their unique keys until contract: of rows that leave one out, the server takes one.
-- given
create table orders (id bigint primary key, code integer, lane text default 'first', note text);
create unique index orders_code on orders (code);
alter table orders add constraint orders_lane unique (lane);
insert into orders select n, n, 'lane ' || n, 'x' from generate_series(1, 60) n;
-- change
alter table orders drop column code, drop column lane;
