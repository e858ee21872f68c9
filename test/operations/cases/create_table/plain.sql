-- A new table of its own.
-- given
create table users (
  id bigint primary key,
  email text not null,
  name text
);
insert into users select n, 'user' || n || '@example.com', case when n % 3 > 0 then 'Name ' || n end from generate_series(1, 200) as n;
-- change
create table notes (
  id bigint generated always as identity primary key,
  body text not null default '',
  created_at timestamptz not null default now(),
  constraint body_is_short check (length(body) < 1000)
);
comment on table notes is 'What users wrote down';
create index notes_created_at on notes (created_at desc);
