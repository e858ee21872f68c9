-- What is written above it is to be seen in it: the view is refreshed after the backfill.
-- given
create table users (id bigint primary key, name text, age int);
insert into users select n, 'u' || n, n % 90 from generate_series(1, 200) as n;
create materialized view adults as select id, name from users where age >= 18;
create unique index adults_id on adults (id);
create view names as select id, name from users;
create materialized view long_names as select id from names where length(name) > 3;
create unique index long_names_id on long_names (id);
-- change
update users set name = upper(name) where age < 50;
refresh materialized view concurrently adults;
refresh materialized view long_names;
