-- The old version goes on writing NULL, and the trigger fills it.
-- keeps data users.name: the value that an empty name got is not taken away again
-- shown in docs
-- given
create table users (
  id bigint primary key,
  email text not null,
  name text
);
insert into users select n, 'user' || n || '@example.com', case when n % 3 > 0 then 'Name ' || n end from generate_series(1, 200) as n;
-- change
-- migrate:using 'Anonymous ' || id
alter table users alter column name set not null;
-- same as
update users set name = 'Anonymous ' || id where name is null;
alter table users alter column name set not null;
