-- A first and a last name become one.
-- shown in docs
-- given
create table users (id bigint primary key, first_name text, last_name text not null default '', age integer);
insert into users select n, case when n % 3 > 0 then 'First' || n end, 'Last' || n, n from generate_series(1, 200) as n;
-- change
-- migrate:using concat_ws(' ', first_name, last_name)
ALTER TABLE users ADD COLUMN name text;
-- migrate:reverse nullif(split_part(name, ' ', 1), '')
ALTER TABLE users DROP COLUMN first_name;
-- migrate:reverse coalesce(substr(name, length(split_part(name, ' ', 1)) + 2), '')
ALTER TABLE users DROP COLUMN last_name;
-- same as
alter table users add column name text;
update users set name = concat_ws(' ', first_name, last_name);
alter table users drop column first_name;
alter table users drop column last_name;
-- old client
insert into users (id, first_name) values (100000 + :n, 'Only');
insert into users (id, first_name, last_name) values (200000 + :n, 'Old', 'Name');
update users set last_name = 'Changed' || :n where id = :r;
update users set age = 1 where id = :r;
-- new client
insert into users (id, name) values (300000 + :n, 'New Name');
update users set name = null where id = 300000 + :n;
update users set age = 2 where id = 300000 + :n;
update users set name = 'Again ' || :n where id = 300000 + :n;
