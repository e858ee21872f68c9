-- A function that a trigger runs gets another body.
-- given
create table users (id bigint primary key, email text not null, changes int not null default 0);
create function count_changes() returns trigger language plpgsql as $$ begin new.changes := old.changes + 1; return new; end $$;
create trigger count_changes before update on users for each row execute function count_changes();
insert into users select n, 'user' || n from generate_series(1, 200) as n;
-- change
create or replace function count_changes() returns trigger language plpgsql as $$
begin
  new.changes := old.changes + 1; -- and nothing else
  return new;
end $$;
-- old client
update users set email = 'old' || :n where id = :r;
select id, email, changes from users where id = :r;
-- new client
update users set email = 'new' || :n where id = :r;
