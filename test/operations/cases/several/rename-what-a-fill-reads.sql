-- A required column is filled from one that is renamed behind it: the rename waits, so that the trigger reads what is there.
-- given
create table people (id bigint primary key, name text not null);
insert into people select n, 'Name ' || n from generate_series(1, 200) as n;
-- change
-- migrate:using lower(name)
alter table people add column sort_name text not null;
alter table people rename column name to full_name;
-- same as
alter table people add column sort_name text;
update people set sort_name = lower(name);
alter table people alter column sort_name set not null;
alter table people rename column name to full_name;
-- no rows
select * from people where sort_name is distinct from lower(full_name);
