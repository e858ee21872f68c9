-- One value for all rows is worked out once, when the job begins.
-- given
create table plans (id bigint primary key, name text not null unique);
create table users (id bigint primary key, plan_id bigint);
insert into plans values (1, 'free'), (2, 'paid');
insert into users select n, case when n % 2 = 0 then 2 end from generate_series(1, 200) as n;
-- change
update users set plan_id = (select id from plans where name = 'free') where plan_id is null;
-- old client
insert into users values (:n, 2);
-- new client
insert into users values (:n, 2);
