-- A row for each row of another table, in batches.
-- shown in docs
-- given
create table users (id bigint primary key, email text not null);
create table accounts (user_id bigint primary key, balance int not null default 0);
insert into users select n, 'user' || n from generate_series(1, 200) as n;
-- change
insert into accounts (user_id) select id from users;
-- old client
update users set email = 'old' || :n where id = :r;
-- new client
insert into accounts values (:n, 1);
update accounts set balance = balance + 1 where user_id = :n;
