-- What is changed is published from now on.
-- given
create table users (id bigint primary key, name text, age int);
insert into users select n, 'u' || n, n % 90 from generate_series(1, 200) as n;
create table other (id bigint primary key);
-- change
create publication case_all for table users;
alter publication case_all add table other;
