-- A lock that a person takes for what follows: each step takes its own.
-- given
create table users (id bigint primary key, name text, age int);
insert into users select n, 'u' || n, n % 90 from generate_series(1, 200) as n;
-- change
begin;
lock table users in share row exclusive mode;
alter table users add column email text;
commit;
