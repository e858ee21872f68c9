-- An index that is built concurrently as written: what a try that was cut off leaves is found and removed all the same.
-- given
create table users (id bigint primary key, email text not null);
insert into users select n, 'user' || n from generate_series(1, 200) as n;
-- change
-- migrate:raw -- its storage parameter is ours to choose
create index concurrently users_email on users (email) with (fillfactor = 70);
