-- ALTER TABLE UNLOGGED: all reads and writes would wait, so it is refused with what to do instead.
-- given
create table users (id bigint primary key, name text, age int);
insert into users select n, 'u' || n, n % 90 from generate_series(1, 200) as n;
analyze users;
-- change
alter table users set unlogged;
-- expect CANNOT_PLAN
