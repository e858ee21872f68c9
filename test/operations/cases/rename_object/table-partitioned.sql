-- A partitioned table, with what its partitions say of it.
-- given
create table measures (sensor integer, at date not null, value integer, primary key (sensor, at)) partition by range (at);
create table measures_2023 partition of measures for values from ('2023-01-01') to ('2024-01-01');
create table measures_2024 partition of measures for values from ('2024-01-01') to ('2025-01-01');
insert into measures select n % 7, date '2023-06-01' + n::int, n from generate_series(1, 400) n;
-- change
alter table measures rename to readings;
-- old client
insert into measures values (1000 + :n, '2023-02-01', 1);
update measures set value = value + 1 where sensor = 1000 + :n;
-- new client
insert into readings values (1000 + :n, '2024-02-01', 1);
