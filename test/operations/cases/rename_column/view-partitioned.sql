-- A partitioned table of several levels, renamed by its partition key, which no copy could stand for.
-- given
create table measures (sensor integer, at date not null, value integer, primary key (sensor, at)) partition by range (at);
create table measures_2023 partition of measures for values from ('2023-01-01') to ('2024-01-01');
create table measures_2024 partition of measures for values from ('2024-01-01') to ('2025-01-01') partition by hash (sensor);
create table measures_2024_0 partition of measures_2024 for values with (modulus 2, remainder 0);
create table measures_2024_1 partition of measures_2024 for values with (modulus 2, remainder 1);
insert into measures select n, date '2023-06-01' + n::int, n from generate_series(1, 400) n;
-- change
-- migrate:strategy view
alter table measures rename at to day;
-- old client
insert into measures values (100000 + :n, '2023-02-01', 1);
update measures set at = '2024-05-05' where sensor = 100000 + :n;
-- new client
insert into measures (sensor, day, value) values (200000 + :n, '2024-02-01', 1) on conflict (sensor, day) do nothing;
update measures set day = '2023-05-05' where sensor = 200000 + :n;
