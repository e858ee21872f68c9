-- A column with a constant default, required and not.
-- given
create table users (
  id bigint primary key,
  email text not null,
  name text
);
insert into users select n, 'user' || n || '@example.com', case when n % 3 > 0 then 'Name ' || n end from generate_series(1, 200) as n;
-- change
alter table users add column active boolean not null default true;
alter table users add column tags text[] default '{}';
