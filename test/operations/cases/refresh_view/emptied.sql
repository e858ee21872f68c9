-- WITH NO DATA: nobody can read the view any more.
-- given
create table users (id bigint primary key, name text, age int);
insert into users select n, 'u' || n, n % 90 from generate_series(1, 200) as n;
create materialized view adults as select id, name from users where age >= 18;
-- change
refresh materialized view adults with no data;
