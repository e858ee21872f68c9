-- Triggers of the table fire for the rows of a backfill as well; the plan names them.
-- given
create table users (id bigint primary key, email text not null, visits int not null);
create table audit (id bigint generated always as identity primary key, user_id bigint not null, old_visits int, new_visits int);
insert into users select n, 'User' || n, n from generate_series(1, 200) as n;
create function audit_users() returns trigger language plpgsql as $$
begin
  insert into public.audit (user_id, old_visits, new_visits) values (new.id, old.visits, new.visits);
  return null;
end $$;
create trigger audit_users after update of visits on users for each row execute function audit_users();
create trigger audit_emails before insert or update of email on users for each row when (new.email = '') execute function audit_users();
create trigger asleep before update on users for each row execute function audit_users();
alter table users disable trigger asleep;
-- change
update users set visits = visits + 1;
-- old client
update users set email = 'old' || :n where id = :r;
-- new client
select visits from users where id = :r;
-- no rows
select user_id from audit group by user_id having count(*) > 1
