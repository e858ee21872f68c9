-- An index that is a part of a partitioned table's goes with that.
-- expect CANNOT_PLAN
-- given
create table measures (sensor integer, at date not null) partition by range (at);
create table measures_2023 partition of measures for values from ('2023-01-01') to ('2024-01-01');
create index measures_sensor on measures (sensor);
-- change
drop index measures_2023_sensor_idx;
