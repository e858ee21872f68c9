-- A required column takes the place of another one: the new version need not write the old one from expand on.
-- given
create table people (id bigint primary key, name text not null);
insert into people select n, 'Name ' || n from generate_series(1, 200) as n;
-- change
-- migrate:using upper(name)
alter table people add column full_name text not null;
-- migrate:reverse lower(full_name)
alter table people drop column name;
-- same as
alter table people add column full_name text;
update people set full_name = upper(name);
alter table people alter column full_name set not null;
alter table people drop column name;
-- new client
insert into people (id, full_name) values (200000 + :n, 'NEW ' || :n);
