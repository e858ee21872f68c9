-- What the table is already costs nothing.
-- given
create table users (id bigint primary key, name text, age int);
insert into users select n, 'u' || n, n % 90 from generate_series(1, 200) as n;
analyze users;
-- change
alter table users set logged;
alter table users set tablespace pg_default;
