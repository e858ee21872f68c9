-- Also NOT NULL is looked for in all tables.
-- given
create domain email as text check (value like '%@%');
create table users (id bigint primary key, mail email);
insert into users select n, n || '@x' from generate_series(1, 200) as n;
analyze users;
-- change
alter domain email set not null;
-- expect CANNOT_PLAN
