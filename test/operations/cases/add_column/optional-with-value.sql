-- An optional column that the rows which exist, and those of the old version, have a value for.
-- given
create table users (id bigint primary key, email text);
insert into users select n, case when n % 4 > 0 then 'user' || n || '@example.com' end from generate_series(1, 200) as n;
-- change
-- migrate:using split_part(email, '@', 2)
alter table users add column domain text;
-- same as
alter table users add column domain text;
update users set domain = split_part(email, '@', 2);
-- old client
insert into users (id, email) values (100000 + :n, 'old@old.example');
-- new client
insert into users (id, email, domain) values (200000 + :n, 'new@new.example', 'new.example');
