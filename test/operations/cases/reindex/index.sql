-- An index is built anew while everybody goes on.
-- given
create table users (id bigint primary key, name text);
create index users_name on users (name);
insert into users select n, 'u' || n from generate_series(1, 200) as n;
-- change
reindex index users_name;
