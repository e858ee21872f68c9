-- Statistics after a backfill, as people write it below an UPDATE.
-- given
create table users (id bigint primary key, name text, age int);
insert into users select n, 'u' || n, n % 90 from generate_series(1, 200) as n;
-- change
update users set name = 'n' || id where age < 10;
analyze users;
