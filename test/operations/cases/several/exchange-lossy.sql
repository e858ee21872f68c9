-- What the way back cannot give back stays until the new version itself changes the row.
-- given
create table users (id bigint primary key, name text, seen integer);
insert into users select n, case when n % 5 > 0 then 'First' || n || ' Second Third' end from generate_series(1, 200) as n;
-- change
-- migrate:using split_part(name, ' ', 1)
ALTER TABLE users ADD COLUMN first_name text;
-- migrate:using nullif(split_part(name, ' ', 2), '')
ALTER TABLE users ADD COLUMN last_name text;
-- migrate:reverse nullif(concat_ws(' ', first_name, last_name), '')
ALTER TABLE users DROP COLUMN name;
-- same as
alter table users add column first_name text;
alter table users add column last_name text;
update users set first_name = split_part(name, ' ', 1), last_name = nullif(split_part(name, ' ', 2), '');
alter table users drop column name;
-- old client
update users set seen = :n where id = :r;
insert into users (id, name) values (100000 + :n, 'One Two Three');
update users set seen = 1 where id = 100000 + :n;
-- new client
insert into users (id, first_name) values (200000 + :n, 'Only');
update users set last_name = 'Last' where id = 200000 + :n;
update users set first_name = null, last_name = null where id = 200000 + :n;
