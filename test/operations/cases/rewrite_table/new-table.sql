-- A table that the migration makes is nobody's yet.
-- given
create table users (id bigint primary key);
insert into users select n from generate_series(1, 200) as n;
-- change
create table copies (id bigint primary key);
insert into copies select id from users;
cluster copies using copies_pkey;
alter table copies set unlogged;
