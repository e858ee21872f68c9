-- With a reason it runs as written.
-- given
create table users (id bigint primary key, name text, age int);
insert into users select n, 'u' || n, n % 90 from generate_series(1, 200) as n;
analyze users;
-- change
-- migrate:raw -- the table is read at night only
cluster users using users_pkey;
