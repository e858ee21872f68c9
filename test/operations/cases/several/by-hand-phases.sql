-- A file that is phased by hand: each statement runs in its section, and each the way that is safe there.
-- given
create table users (id bigint primary key, email text not null, name text);
insert into users select n, 'user' || n || '@example.com', 'Name ' || n from generate_series(1, 200) as n;
-- change
-- migrate:expand
alter table users add column domain text;
create index users_domain on users (domain);
-- migrate:backfill
update users set domain = split_part(email, '@', 2) where domain is null;
create statistics users_domain_name (dependencies) on domain, name from users;
-- migrate:contract
alter table users alter column name set not null;
alter table users drop column email;
-- old client
insert into users (id, email, name) values (100000 + :n, 'old' || :n || '@example.com', 'Old');
update users set name = name || '!' where id = :r;
-- new client
update users set domain = 'new.example' where id = :r;
