-- Extended statistics are dropped, at a lock that holds up neither reads nor writes.
-- given
create table users (id bigint primary key, city text, zip text);
insert into users select n, 'c' || n % 10, 'z' || n % 10 from generate_series(1, 200) as n;
create statistics city_zip on city, zip from users;
-- change
drop statistics city_zip;
