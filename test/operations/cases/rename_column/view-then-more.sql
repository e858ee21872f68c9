-- What else is done to the table waits until it is back in its place; what stands above is done before.
-- given
create table people (id bigint primary key, name text);
insert into people select n, 'P' || n from generate_series(1, 200) n;
-- change
alter table people add column born date;
-- migrate:strategy view
alter table people rename name to full_name;
alter table people add column died date;
create table notes (person bigint references people, note text);
