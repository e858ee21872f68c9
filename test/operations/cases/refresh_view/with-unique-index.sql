-- With a unique index over plain columns the view is refreshed while it is read.
-- given
create table users (id bigint primary key, name text, age int);
insert into users select n, 'u' || n, n % 90 from generate_series(1, 200) as n;
create materialized view adults as select id, name from users where age >= 18;
create unique index adults_id on adults (id);
-- change
refresh materialized view adults;
