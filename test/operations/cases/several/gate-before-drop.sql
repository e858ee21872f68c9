-- Rows that stand in the way are counted before anything is dropped, wherever the statement stands in the file.
-- expect DATA_VIOLATES
-- given
create table users (id bigint primary key, email text not null, name text, legacy text);
insert into users select n, 'user' || n, case when n % 3 > 0 then 'Name ' || n end, 'x' from generate_series(1, 200) as n;
-- change
alter table users drop column legacy;
alter table users alter column name set not null;
