-- Rows that point to nothing are deleted in batches, and then a foreign key keeps it so.
-- given
create table users (id bigint primary key);
create table orders (id bigint primary key, user_id bigint);
insert into users select n from generate_series(1, 100) as n;
insert into orders select n, n % 130 + 1 from generate_series(1, 200) as n;
-- change
delete from orders where not exists (select from users where users.id = orders.user_id);
alter table orders add constraint orders_user foreign key (user_id) references users;
-- old client
insert into orders values (:n, :r % 100 + 1);
-- new client
insert into orders values (:n, :r % 100 + 1);
