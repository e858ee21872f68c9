-- Without a unique index whoever reads the view waits, and the plan says so.
-- given
create table users (id bigint primary key, name text, age int);
insert into users select n, 'u' || n, n % 90 from generate_series(1, 200) as n;
create materialized view adults as select id, name from users where age >= 18;
create unique index adults_some on adults (id) where id > 10;
create unique index adults_expression on adults ((id + 1));
-- change
refresh materialized view adults;
