-- A foreign key to a partitioned table goes from all of its partitions, each locked for that moment.
-- given
create table regions (id bigint primary key) partition by hash (id);
create table regions_0 partition of regions for values with (modulus 2, remainder 0);
create table regions_1 partition of regions for values with (modulus 2, remainder 1);
create table shops (id integer primary key, region bigint not null references regions (id));
create table stalls (id integer primary key, region bigint references regions (id));
insert into regions select n from generate_series(1, 20) as n;
insert into shops select n, n % 20 + 1 from generate_series(1, 200) as n;
-- change
drop table shops;
alter table stalls drop column region;
