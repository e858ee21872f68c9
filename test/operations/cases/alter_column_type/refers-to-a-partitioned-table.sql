-- A foreign key to a partitioned table has an entry for each of its partitions; with a new column it is made anew as one.
-- given
create table regions (id bigint primary key) partition by hash (id);
create table regions_0 partition of regions for values with (modulus 2, remainder 0);
create table regions_1 partition of regions for values with (modulus 2, remainder 1);
create table shops (id integer primary key, region bigint not null references regions (id));
insert into regions select n from generate_series(1, 20) as n;
insert into shops select n, n % 20 + 1 from generate_series(1, 200) as n;
-- change
alter table shops alter column region type integer;
