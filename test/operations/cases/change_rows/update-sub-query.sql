-- Sub-queries that belong to the row, on tables that the statement leaves alone.
-- given
create table users (id bigint primary key, orders int, last_day date, spent numeric);
create table orders (id bigint primary key, user_id bigint not null, day date not null, amount numeric not null);
create index on orders (user_id);
insert into users select n, null, null, null from generate_series(1, 200) as n;
insert into orders select n, n % 150 + 1, date '2024-01-01' + (n % 90)::int, n from generate_series(1, 600) as n;
-- change
update users set orders = (select count(*) from orders where orders.user_id = users.id);
update users set (last_day, spent) = (select max(day), sum(amount) from orders where user_id = users.id) where exists (select from orders o where o.user_id = users.id);
-- old client
insert into orders values (:n, :r, '2024-06-01', 1);
insert into users (id) values (:n);
-- new client
select orders, last_day, spent from users where id = :r;
insert into users values (:n, 0, null, 0);
