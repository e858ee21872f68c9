-- A table with the rows of a query.
-- given
create table users (
  id bigint primary key,
  email text not null,
  name text
);
insert into users select n, 'user' || n || '@example.com', case when n % 3 > 0 then 'Name ' || n end from generate_series(1, 200) as n;
-- change
create table named_users as select id, name from users where name is not null;
alter table named_users add primary key (id);
