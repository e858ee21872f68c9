-- A partitioned table below a partitioned table.
-- expect CANNOT_PLAN
-- given
create table events (id bigint, at date not null, size integer) partition by range (at);
create table events_2024 partition of events for values from ('2024-01-01') to ('2025-01-01') partition by hash (id);
create table events_2024_0 partition of events_2024 for values with (modulus 1, remainder 0);
insert into events select n, date '2024-01-01', n from generate_series(1, 200) n;
-- change
alter table events alter column size type bigint;
