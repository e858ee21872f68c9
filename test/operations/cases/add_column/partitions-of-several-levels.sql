-- A required column for a table whose partitions have partitions, with a moment and a text as key.
-- given
create table readings (at timestamptz not null, sensor text not null, value numeric, primary key (at, sensor)) partition by range (at);
create table readings_2024 partition of readings for values from ('2024-01-01 00:00:00+00') to ('2025-01-01 00:00:00+00') partition by list (sensor);
create table readings_2024_a partition of readings_2024 for values in ('a', 'A');
create table readings_2024_rest partition of readings_2024 default;
create table readings_rest partition of readings default;
insert into readings select timestamptz '2024-12-31 12:00:00.000001+00' + n * interval '7 minutes', (array['a', 'A', 'b', 'ß'])[1 + n % 4], n from generate_series(1, 200) as n;
-- change
-- migrate:using round(value)
alter table readings add column whole numeric not null;
-- same as
alter table readings add column whole numeric;
update readings set whole = round(value);
alter table readings alter column whole set not null;
