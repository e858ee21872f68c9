-- A name becomes a first and a last name: each version sees what the other one writes, and neither loses anything.
-- shown in docs
-- given
create table users (id bigint primary key, name text not null, email text);
insert into users select n, 'First' || n || ' Middle Last' || n, 'user' || n from generate_series(1, 200) as n;
-- change
-- migrate:using split_part(name, ' ', 1)
ALTER TABLE users ADD COLUMN first_name text NOT NULL;
-- migrate:using substr(name, length(split_part(name, ' ', 1)) + 2)
ALTER TABLE users ADD COLUMN last_name text NOT NULL;
-- migrate:reverse first_name || ' ' || last_name
ALTER TABLE users DROP COLUMN name;
-- same as
alter table users add column first_name text;
alter table users add column last_name text;
update users set first_name = split_part(name, ' ', 1), last_name = substr(name, length(split_part(name, ' ', 1)) + 2);
alter table users alter column first_name set not null;
alter table users alter column last_name set not null;
alter table users drop column name;
-- old client
insert into users (id, name) values (100000 + :n, 'Old Name' || :n);
update users set name = 'Oldest of all ' || :n where id = :r;
update users set email = 'old' where id = :r;
update users set name = name || ' Jr' where id = 100000 + :n;
-- new client
insert into users (id, first_name, last_name) values (200000 + :n, 'New', 'Name' || :n);
update users set last_name = 'van ' || last_name where id = 200000 + :n;
update users set email = 'new' where id = 200000 + :n;
insert into users (id, first_name, last_name) values (200000 + :n, 'Newer', 'Name' || :n) on conflict (id) do update set first_name = excluded.first_name;
