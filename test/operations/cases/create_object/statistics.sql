-- Extended statistics on columns that go together.
-- given
create table addresses (id bigint primary key, city text, zip text);
insert into addresses select n, 'city' || n % 7, 'zip' || n % 21 from generate_series(1, 200) as n;
-- change
create statistics city_and_zip (dependencies, ndistinct) on city, zip from addresses;
