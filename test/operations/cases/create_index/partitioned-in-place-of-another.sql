-- One index of a partitioned table takes the place of another: its partitions' indexes get the names that the old ones leave.
-- given
create table readings (id bigint not null, value bigint, primary key (id)) partition by range (id);
create table readings_low partition of readings for values from (minvalue) to (100);
create table readings_high partition of readings for values from (100) to (maxvalue);
create index readings_by_value on readings (value);
insert into readings select n, n from generate_series(1, 150) n;
-- change
drop index readings_by_value;
create index readings_by_its_value on readings (value);
