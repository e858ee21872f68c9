-- A statement that is put together when it runs is not known; those around it are.
-- given
create table users (id bigint primary key, email text);
create table orders (id bigint primary key, total int);
insert into users select n, 'user' || n from generate_series(1, 200) as n;
insert into orders select n, n from generate_series(1, 200) as n;
-- change
do $$
declare
  name text;
begin
  alter table orders add column paid boolean;
  foreach name in array array['email'] loop
    execute format('create index %I on users (%I)', 'users_' || name, name);
  end loop;
end $$;
alter table users add column phone text;
