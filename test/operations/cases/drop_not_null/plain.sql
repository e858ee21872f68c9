-- A required column becomes optional.
-- shown in docs
-- given
create table users (
  id bigint primary key,
  email text not null,
  name text
);
insert into users select n, 'user' || n || '@example.com', case when n % 3 > 0 then 'Name ' || n end from generate_series(1, 200) as n;
-- change
alter table users alter column email drop not null;
