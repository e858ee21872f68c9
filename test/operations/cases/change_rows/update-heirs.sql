-- Rows of the tables that inherit are changed too, each exactly once.
-- given
create table people (id bigint primary key, age int not null);
create table staff (desk text, primary key (id)) inherits (people);
insert into people select n, n from generate_series(1, 100) as n;
insert into staff select n, n, 'desk ' || n from generate_series(101, 200) as n;
-- change
update people set age = people.age + 1;
