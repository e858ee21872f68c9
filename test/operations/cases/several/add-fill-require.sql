-- The three statements that people write: add, fill, require.
-- shown in docs
-- given
create table users (
  id bigint primary key,
  email text not null,
  name text
);
insert into users select n, 'user' || n || '@example.com', case when n % 3 > 0 then 'Name ' || n end from generate_series(1, 200) as n;
-- change
alter table users add column login text;
update users set login = lower(email);
-- migrate:using lower(email)
alter table users alter column login set not null;
