-- To validate it, writes of all tables that use it would wait.
-- given
create domain email as text check (value like '%@%');
create table users (id bigint primary key, mail email);
insert into users select n, n || '@x' from generate_series(1, 200) as n;
analyze users;
alter domain email add constraint short check (length(value) < 100) not valid;
-- change
alter domain email validate constraint short;
-- expect CANNOT_PLAN
