-- One value for all inserted rows, from the table into which they are inserted, and from another one.
-- given
create table plans (id bigint primary key, name text not null unique);
create table users (id bigint primary key, name text not null);
create table accounts (user_id bigint primary key, plan_id bigint, generation int not null);
insert into plans values (1, 'free'), (2, 'paid');
insert into users select n, 'user ' || n from generate_series(1, 200) as n;
insert into accounts select n, 2, 4 from generate_series(1, 20) as n;
-- change
insert into accounts (user_id, plan_id, generation)
select id, (select id from plans where name = 'free'), (select max(generation) + 1 from accounts) from users
on conflict (user_id) do update set generation = accounts.generation + (select count(*) from accounts);
-- old client
update users set name = 'old' where id = :r;
-- new client
insert into accounts values (:n, 1, 0);
