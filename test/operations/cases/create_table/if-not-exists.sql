-- A table that is there already stays as it is.
-- given
create table users (
  id bigint primary key,
  email text not null,
  name text
);
insert into users select n, 'user' || n || '@example.com', case when n % 3 > 0 then 'Name ' || n end from generate_series(1, 200) as n;
-- change
create table if not exists users (id bigint primary key);
create table if not exists "Order Items" ("Order" int, "select" int, primary key ("Order", "select"));
