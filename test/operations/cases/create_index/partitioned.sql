-- A partitioned table: each partition's index is built concurrently and attached.
-- shown in docs
-- given
create table measures (sensor integer, at date not null, value integer) partition by range (at);
create table measures_2023 partition of measures for values from ('2023-01-01') to ('2024-01-01');
create table measures_2024 partition of measures for values from ('2024-01-01') to ('2025-01-01') partition by hash (sensor);
create table measures_2024_a partition of measures_2024 for values with (modulus 2, remainder 0);
create table measures_2024_b partition of measures_2024 for values with (modulus 2, remainder 1);
insert into measures select n % 7, date '2023-06-01' + n::int, n from generate_series(1, 400) n;
-- change
create index on measures (sensor, (value + 1)) where value > 0;
