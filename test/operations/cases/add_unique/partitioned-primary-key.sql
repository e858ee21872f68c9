-- The primary key of a partitioned table; one partition has it already.
-- given
create table measures (sensor integer not null, at date not null, value integer) partition by range (at);
create table measures_2023 partition of measures for values from ('2023-01-01') to ('2024-01-01');
create table measures_2024 partition of measures for values from ('2024-01-01') to ('2025-01-01');
alter table measures_2023 add constraint pk_2023 primary key (sensor, at);
insert into measures select n % 7, date '2023-06-01' + n::int, n from generate_series(1, 400) n;
-- change
alter table measures add primary key (sensor, at);
-- old client
insert into measures values (1000 + :n, '2023-02-01', 1);
-- new client
insert into measures values (1000 + :n, '2024-02-01', 1) on conflict (sensor, at) do nothing;
