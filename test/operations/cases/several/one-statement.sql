-- Several commands in one ALTER TABLE, each at its own time.
-- shown in docs
-- given
create table users (id bigint primary key, email text not null, name text, legacy text not null, visits int not null default 0);
insert into users select n, 'user' || n, 'name' || n, 'x', n from generate_series(1, 200) as n;
-- change
alter table users
  add column phone text,
  drop column legacy,
  alter column name set not null,
  alter column visits drop default,
  alter column email drop not null;
