-- One key of a partitioned table takes the place of another: its partitions' indexes get the names that the old ones leave.
-- given
create table readings (id bigint not null, value bigint) partition by range (id);
create table readings_low partition of readings for values from (minvalue) to (100);
create table readings_high partition of readings for values from (100) to (maxvalue);
alter table readings add constraint readings_once unique (id);
insert into readings select n, n from generate_series(1, 150) n;
-- change
alter table readings drop constraint readings_once;
alter table readings add constraint readings_unique unique (id);
