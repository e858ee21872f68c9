-- One value cannot repair a check about two columns.
-- expect CANNOT_PLAN
-- given
create table visits (id bigint primary key, started date, ended date);
insert into visits select n, date '2024-01-01' + n::int, date '2024-01-01' from generate_series(1, 200) n;
-- change
-- migrate:using started
alter table visits add check (ended >= started);
