-- The constraint of Postgres 18, with a name of its own.
-- versions 18+
-- given
create table users (
  id bigint primary key,
  email text not null,
  name text
);
insert into users select n, 'user' || n || '@example.com', 'Name ' || n from generate_series(1, 200) as n;
-- change
alter table users add constraint name_is_there not null name;
