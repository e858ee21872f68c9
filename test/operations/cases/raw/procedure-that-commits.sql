-- A procedure whose text says that it commits is called outside a transaction, and its locks are known.
-- given
create table users (id bigint primary key, email text, state text);
insert into users select n, 'user' || n, null from generate_series(1, 200) as n;
create procedure fill_states() language plpgsql as $$
begin
  loop
    update users set state = 'active' where id in (select id from users where state is null order by id limit 50);
    exit when not found;
    commit;
  end loop;
end $$;
-- change
call fill_states();
-- old client
update users set email = 'old' || :n where id = :r;
select id, email, state from users where id = :r;
-- new client
update users set email = 'new' || :n where id = :r;
select id, email, state from users where id = :r;
