-- NOT NULL goes to the partitions first.
-- given
create table measures (sensor integer, at date not null, value integer) partition by range (at);
create table measures_2023 partition of measures for values from ('2023-01-01') to ('2024-01-01');
create table measures_2024 partition of measures for values from ('2024-01-01') to ('2025-01-01');
insert into measures select n % 7, date '2023-06-01' + n::int, n from generate_series(1, 400) n;
-- change
alter table measures add primary key (sensor, at);
-- old client
insert into measures values (1000 + :n, '2023-02-01', 1);
-- new client
insert into measures values (1000 + :n, '2024-02-01', 1);
