-- The trigger and its function go once the old version is gone.
-- shown in docs
-- given
create table users (id bigint primary key, email text not null, changes int not null default 0);
create function count_changes() returns trigger language plpgsql as $$ begin new.changes := new.changes + 1; return new; end $$;
create trigger count_changes before insert on users for each row execute function count_changes();
insert into users select n, 'user' || n from generate_series(1, 200) as n;
-- change
drop trigger count_changes on users;
drop function count_changes();
-- old client
insert into users values (:n, 'old', 0);
-- new client
select id, email from users where id = :r;
-- no rows
select id from users where email = 'old' and changes <> 1;
