-- The key itself changes, so the statement cannot be cut into batches.
-- given
create table users (id bigint primary key, email text not null);
insert into users select n, 'user' || n from generate_series(1, 200) as n;
-- change
update users set id = id + 1000000000;
-- old client
insert into users values (:n, 'old');
select id, email from users where id = :r;
-- new client
insert into users values (:n, 'new');
