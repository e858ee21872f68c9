-- ON ONLY a partitioned table builds nothing; the partitions follow by hand.
-- given
create table measures (sensor integer, at date not null) partition by range (at);
create table measures_2023 partition of measures for values from ('2023-01-01') to ('2024-01-01');
insert into measures select n % 7, date '2023-06-01' + (n % 100)::int from generate_series(1, 200) n;
-- change
create index measures_sensor on only measures (sensor);
