-- A required column without a default gets its value from migrate:using.
-- shown in docs
-- given
create table users (
  id bigint primary key,
  email text not null,
  name text
);
insert into users select n, 'user' || n || '@example.com', case when n % 3 > 0 then 'Name ' || n end from generate_series(1, 200) as n;
-- change
-- migrate:using lower(email)
alter table users add column login text not null;
-- same as
alter table users add column login text;
update users set login = lower(email);
alter table users alter column login set not null;
