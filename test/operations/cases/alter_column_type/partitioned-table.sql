-- The rows of a partitioned table would have to be converted partition by partition.
-- expect CANNOT_PLAN
-- given
create table events (id bigint, at date not null, size integer) partition by range (at);
create table events_all partition of events default;
insert into events select g, date '2024-01-01' + g::int, g from generate_series(1, 200) g;
-- change
alter table events alter column size type bigint;
