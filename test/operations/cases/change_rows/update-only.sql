-- ONLY leaves out the tables that inherit; batches would go through them all.
-- given
create table people (id bigint primary key, age int not null);
create table staff (desk text, primary key (id)) inherits (people);
insert into people select n, n from generate_series(1, 100) as n;
insert into staff select n, n, 'desk ' || n from generate_series(101, 200) as n;
-- change
update only people set age = age + 1;
