-- What the blocks would make is there, so there is nothing to do.
-- given
create type mood as enum ('good', 'bad');
create table users (id bigint primary key, email text, mood mood, constraint users_email check (email <> ''));
insert into users select n, 'user' || n, 'good' from generate_series(1, 200) as n;
-- change
do $$ begin
  create type mood as enum ('good', 'bad', 'other');
exception when duplicate_object then null;
end $$;
do $$ begin
  if not exists (select 1 from pg_constraint where conname = 'users_email') then
    alter table users add constraint users_email check (length(email) > 3);
  end if;
end $$;
do $$ begin
  if not exists (select from information_schema.columns where table_schema = 'public' and table_name = 'users' and column_name = 'mood') then
    alter table users add column mood text;
  else
    raise notice 'it is there';
  end if;
end $$;
