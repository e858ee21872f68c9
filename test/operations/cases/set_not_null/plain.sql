-- A column without NULLs becomes required.
-- given
create table users (
  id bigint primary key,
  email text not null,
  name text
);
insert into users select n, 'user' || n || '@example.com', 'Name ' || n from generate_series(1, 200) as n;
-- change
alter table users alter column name set not null;
