-- The index of a partitioned table: those of the partitions keep their names.
-- given
create table measures (sensor integer, at date not null) partition by range (at);
create table measures_2023 partition of measures for values from ('2023-01-01') to ('2024-01-01');
create index measures_sensor on measures (sensor);
insert into measures select n % 7, date '2023-06-01' + (n % 100)::int from generate_series(1, 200) n;
-- change
alter index measures_sensor rename to measures_by_sensor;
-- old client
insert into measures values (1, '2023-02-01');
-- new client
insert into measures values (1, '2023-02-01');
