-- An UPDATE copies a column that is then dropped: the plan says what nobody copies, and what to write instead.
-- given
create table users (id bigint primary key, name text);
insert into users select n, 'Name ' || n from generate_series(1, 200) as n;
-- change
alter table users add column label text;
update users set label = upper(name);
alter table users drop column name;
