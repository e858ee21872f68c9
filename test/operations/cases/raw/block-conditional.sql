-- Whether the statement runs depends on rows: it runs as written, and the plan says what it would lock and who would wait.
-- given
create table users (id bigint primary key, email text);
insert into users select n, 'user' || n from generate_series(1, 200) as n;
-- change
do $$ begin
  if not exists (select from users where email is null) then
    alter table users add constraint users_email check (email <> '');
  end if;
end $$;
