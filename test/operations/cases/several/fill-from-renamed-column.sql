-- A required column is filled from one that the same migration renames; the old version writes it under its old name.
-- given
create table people (id bigint primary key, name text not null);
insert into people select n, 'Name ' || n from generate_series(1, 200) as n;
-- change
alter table people rename column name to full_name;
-- migrate:using lower(full_name)
alter table people add column sort_name text not null;
-- same as
alter table people rename column name to full_name;
alter table people add column sort_name text;
update people set sort_name = lower(full_name);
alter table people alter column sort_name set not null;
-- no rows
select * from people where sort_name is distinct from lower(full_name);
