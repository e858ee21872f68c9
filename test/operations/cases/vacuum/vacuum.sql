-- Rows are cleaned up while everybody goes on.
-- given
create table users (id bigint primary key, name text, age int);
insert into users select n, 'u' || n, n % 90 from generate_series(1, 200) as n;
-- change
vacuum (analyze) users;
