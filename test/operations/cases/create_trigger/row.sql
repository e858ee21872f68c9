-- A trigger that writes the time of the last change.
-- shown in docs
-- given
create table users (id bigint primary key, email text not null, updates int not null default 0);
create function note_update() returns trigger language plpgsql as $$ begin new.updates := old.updates + 1; return new; end $$;
insert into users select n, 'user' || n from generate_series(1, 200) as n;
-- change
create trigger note_update before update on users for each row execute function note_update();
-- old client
update users set email = 'old' || :n where id = :r;
-- new client
update users set email = 'new' || :n where id = :r;
select id, email, updates from users where id = :r;
