-- A row that is made of several rows: one statement.
-- given
create table orders (id bigint primary key, user_id bigint not null, amount int not null);
create table totals (user_id bigint primary key, amount bigint not null);
insert into orders select n, n % 20, n from generate_series(1, 200) as n;
-- change
insert into totals select user_id, sum(amount) from orders group by user_id;
-- old client
update orders set amount = amount + 1 where id = :r;
-- new client
insert into totals values (:n, 1);
