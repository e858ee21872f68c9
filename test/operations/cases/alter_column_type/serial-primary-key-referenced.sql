-- integer becomes bigint on a primary key that other tables refer to (row 11).
-- shown in docs
-- given
create table orders (id serial primary key, placed date not null default current_date);
create table order_lines (order_id integer not null references orders (id) on delete cascade, line integer not null, parent integer, primary key (order_id, line));
create table notes (id bigint primary key, order_id integer constraint about_order references orders on update cascade on delete set null deferrable initially deferred);
comment on constraint about_order on notes is 'what the note is about';
insert into orders select from generate_series(1, 250) g;
insert into order_lines select g, n from generate_series(1, 250) g, generate_series(1, 3) n;
insert into notes select g, g from generate_series(1, 200) g;
-- change
alter table orders alter id type bigint;
-- old client
insert into orders default values;
insert into order_lines (order_id, line) values (:r, 100000 + :n);
delete from orders where id = 201 + :r % 40;
-- new client
insert into orders default values returning id;
