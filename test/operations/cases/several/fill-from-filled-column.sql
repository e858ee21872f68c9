-- One required column is filled from another one that the same migration fills: it waits until that one has its values.
-- given
create table people (id bigint primary key, first text not null, last text not null);
insert into people select n, 'F' || n, 'L' || n from generate_series(1, 200) as n;
-- change
-- migrate:using first || ' ' || last
alter table people add column full_name text not null;
-- migrate:using lower(full_name)
alter table people add column sort_name text not null;
-- same as
alter table people add column full_name text, add column sort_name text;
update people set full_name = first || ' ' || last;
update people set sort_name = lower(full_name);
alter table people alter column full_name set not null, alter column sort_name set not null;
-- old client
insert into people (id, first, last) values (100000 + :n, 'Fo' || :n, 'Lo' || :n);
-- new client
select id, full_name from people where id = :r;
-- no rows
select * from people where sort_name is distinct from lower(first || ' ' || last);
