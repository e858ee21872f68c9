-- A trigger that fires once for a statement would fire once for each batch.
-- given
create table users (id bigint primary key, visits int not null);
create table changes (id bigint generated always as identity primary key, what text not null);
insert into users select n, n from generate_series(1, 200) as n;
create function note_change() returns trigger language plpgsql as $$
begin
  insert into public.changes (what) values (tg_op);
  return null;
end $$;
create trigger note_change after update on users for each statement execute function note_change();
-- change
update users set visits = visits + 1;
-- old client
select visits from users where id = :r;
insert into users values (:n, 0);
-- new client
select visits from users where id = :r;
insert into users values (:n, 0);
