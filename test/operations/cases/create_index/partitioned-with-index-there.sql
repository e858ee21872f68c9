-- An index that a partition has already is attached instead of built again; one that is attached elsewhere is not.
-- given
create table measures (sensor integer, at date not null, value integer) partition by range (at);
create table measures_2023 partition of measures for values from ('2023-01-01') to ('2024-01-01');
create table measures_2024 partition of measures for values from ('2024-01-01') to ('2025-01-01');
create index "there already" on measures_2023 (sensor);
comment on index "there already" is 'built in a quiet night';
create index on measures_2023 (sensor desc);
create index first_one on measures_2024 (sensor) where value > 0;
insert into measures select n % 7, date '2023-06-01' + n::int, n from generate_series(1, 400) n;
-- change
create index on measures (sensor);
