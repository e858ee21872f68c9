-- The application inserts such rows itself meanwhile: whoever comes first.
-- given
create table users (id bigint primary key, email text not null);
create table accounts (user_id bigint primary key, email text not null);
insert into users select n, 'user' || n from generate_series(1, 200) as n;
-- change
insert into accounts (user_id, email) select u.id, u.email from users as u on conflict (user_id) do nothing;
-- old client
insert into users values (:n, 'old' || :n);
-- new client
insert into users values (:n, 'new' || :n);
insert into accounts values (:n, 'new' || :n) on conflict do nothing;
-- no rows
select a.user_id from accounts a left join users u on u.id = a.user_id where u.id is null
union all select id from users where id <= 200 and id not in (select user_id from accounts)
