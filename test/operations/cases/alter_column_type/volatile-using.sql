-- A value that is another one each time could never be compared with the one that is stored.
-- expect CANNOT_PLAN
-- given
create table devices (id bigint primary key, code integer);
insert into devices select g, g from generate_series(1, 200) g;
-- change
alter table devices alter column code type uuid using gen_random_uuid();
