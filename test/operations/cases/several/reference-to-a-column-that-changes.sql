-- A new column refers to a key whose type changes in the same file.
-- given
create table people (id smallint primary key, name text);
insert into people select n, 'p' || n from generate_series(1, 200) as n;
-- change
alter table people add column parent smallint references people;
alter table people alter column id type integer;
