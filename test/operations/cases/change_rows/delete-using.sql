-- Rows whose row in another table says so are deleted in batches.
-- given
create table users (id bigint primary key, banned boolean not null);
create table sessions (id uuid primary key, user_id bigint not null);
insert into users select n, n % 4 = 0 from generate_series(1, 50) as n;
insert into sessions select md5(n::text)::uuid, n % 60 from generate_series(1, 200) as n;
-- change
delete from sessions as s using users as u where u.id = s.user_id and u.banned;
-- old client
insert into sessions values (md5(:n::text)::uuid, 1);
-- new client
insert into sessions values (md5(:n::text)::uuid, 3);
