-- An index of one partition alone.
-- given
create table measures (sensor integer, at date not null) partition by range (at);
create table measures_2023 partition of measures for values from ('2023-01-01') to ('2024-01-01');
create index only_here on measures_2023 (sensor);
insert into measures select n % 7, date '2023-06-01' + (n % 100)::int from generate_series(1, 200) n;
-- change
drop index only_here;
