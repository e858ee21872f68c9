-- A rollback section that is not needed is said to be so.
-- given
create table users (id bigint primary key, email text);
insert into users select n, 'user' || n from generate_series(1, 200) as n;
-- change
-- migrate:expand
alter table users add column phone text;
-- migrate:rollback
alter table users drop column if exists phone;
