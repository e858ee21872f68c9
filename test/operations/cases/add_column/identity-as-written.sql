-- Somebody takes the responsibility for an identity column on a small table.
-- given
create table users (
  id bigint primary key,
  email text not null,
  name text
);
insert into users select n, 'user' || n || '@example.com', case when n % 3 > 0 then 'Name ' || n end from generate_series(1, 200) as n;
-- change
-- migrate:raw -- a few hundred rows
alter table users add column number int generated always as identity;
