-- Only the key becomes bigint: as with the plain SQL the columns that refer to it stay integer, and the plan names them.
-- given
create table orders (id serial primary key);
create table order_lines (order_id integer not null references orders, line smallint, primary key (order_id, line));
create table notes (id bigint primary key, order_id bigint references orders);
insert into orders select from generate_series(1, 250) n;
insert into order_lines select n, 1 from generate_series(1, 250) n;
insert into notes select n, n from generate_series(1, 200) n;
-- change
alter table orders alter id type bigint;
-- old client
insert into orders default values;
insert into order_lines values (:r, :n);
-- new client
insert into notes values (1000000 + :n, :r);
