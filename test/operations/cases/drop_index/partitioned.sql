-- The index of a partitioned table cannot be dropped concurrently; it takes those of the partitions along.
-- given
create table measures (sensor integer, at date not null) partition by range (at);
create table measures_2023 partition of measures for values from ('2023-01-01') to ('2024-01-01');
create table measures_2024 partition of measures for values from ('2024-01-01') to ('2025-01-01') partition by hash (sensor);
create table measures_2024_a partition of measures_2024 for values with (modulus 1, remainder 0);
create index measures_sensor on measures (sensor);
insert into measures select n % 7, date '2023-06-01' + n::int from generate_series(1, 400) n;
-- change
drop index measures_sensor;
