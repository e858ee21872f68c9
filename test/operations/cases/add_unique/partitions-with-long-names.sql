-- Partitions whose names differ behind the 55th byte: the names chosen for their indexes must not meet.
-- given
create table readings (sensor integer not null, value integer) partition by range (sensor);
create table readings_of_all_sensors_in_the_northern_halls_of_plant_number_a partition of readings for values from (0) to (100);
create table readings_of_all_sensors_in_the_northern_halls_of_plant_number_b partition of readings for values from (100) to (1000000);
insert into readings select n, n from generate_series(1, 200) n;
-- change
alter table readings add unique (sensor);
-- old client
insert into readings values (1000 + :n, 1);
-- new client
insert into readings values (1000 + :n, 1);
