-- A column that the same migration adds is filled; the rollback takes it away with its values.
-- given
create table users (
  id bigint primary key,
  email text not null,
  name text
);
insert into users select n, 'user' || n || '@example.com', case when n % 3 > 0 then 'Name ' || n end from generate_series(1, 200) as n;
-- change
alter table users add column domain text;
update users set domain = split_part(email, '@', 2) where domain is null;
