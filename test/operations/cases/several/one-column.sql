-- Several changes of one column, one after the other.
-- given
create table users (
  id bigint primary key,
  email text not null,
  name text
);
insert into users select n, 'user' || n || '@example.com', case when n % 3 > 0 then 'Name ' || n end from generate_series(1, 200) as n;
-- change
alter table users add column level int;
alter table users alter column level set default 1;
comment on column users.level is 'How far somebody came';
-- migrate:using 1
alter table users alter column level set not null;
-- same as
alter table users add column level int;
alter table users alter column level set default 1;
comment on column users.level is 'How far somebody came';
update users set level = 1;
alter table users alter column level set not null;
