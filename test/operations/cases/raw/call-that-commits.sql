-- A procedure that commits its batches is called outside a transaction, because the file says so.
-- given
create table users (id bigint primary key, email text not null, region text);
insert into users select n, 'user' || n, case when n % 2 = 0 then 'eu' end from generate_series(1, 200) as n;
-- change
-- migrate:up transaction:false
create procedure fill_regions() language plpgsql as $$
declare
  touched integer;
begin
  loop
    update users set region = 'us' where id in (select id from users where region is null limit 40);
    get diagnostics touched = row_count;
    commit;
    exit when touched = 0;
  end loop;
end $$;
call fill_regions();
drop procedure fill_regions();
-- old client
update users set email = 'old' || :n where id = :r;
insert into users (id, email, region) values (1000 + :n, 'old', 'eu');
-- new client
update users set email = 'new' || :n where id = :r;
select region from users where id = :r;
