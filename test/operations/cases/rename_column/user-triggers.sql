-- The person's own triggers know the old name only; one fires on UPDATE OF it.
-- given
create table accounts (id bigint primary key, email text not null, changed integer not null default 0);
create table account_log (account_id bigint, email text);
create function normalise_email() returns trigger language plpgsql as $$ begin
  if new.email is null or new.email = '' then raise exception 'an account needs an email'; end if;
  new.email := lower(new.email);
  return new;
end $$;
create function log_email() returns trigger language plpgsql as $$ begin insert into account_log values (new.id, new.email); return null; end $$;
create trigger normalise before insert or update on accounts for each row execute function normalise_email();
create trigger log_change after update of email on accounts for each row when (old.email is distinct from new.email) execute function log_email();
insert into accounts select g, 'User' || g || '@Example.com' from generate_series(1, 300) g;
-- change
alter table accounts rename column email to address;
-- old client
insert into accounts (id, email) values (100000 + :n, 'Old@X');
update accounts set email = 'OLD-' || id || '@X' where id = 1;
update accounts set changed = changed + 1 where id = 2;
-- new client
select address from accounts where id = :r;
