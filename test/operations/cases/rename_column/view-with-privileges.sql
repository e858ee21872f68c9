-- The view has the privileges of the table, by table and by column, and none that default privileges would give it.
-- given
do $$ begin create role case_rename_reader; exception when duplicate_object then null; end $$;
do $$ begin create role "case_rename Writer"; exception when duplicate_object then null; end $$;
grant create on schema public to case_rename_reader, "case_rename Writer";
create function as_reader(statement text) returns void security definer language plpgsql as $$ begin execute statement; end $$;
alter function as_reader(text) owner to case_rename_reader;
create function as_writer(statement text) returns void security definer language plpgsql as $$ begin execute statement; end $$;
alter function as_writer(text) owner to "case_rename Writer";
create function writer_is_refused(statement text) returns void security definer language plpgsql as $$ begin execute statement; raise exception 'it was allowed: %', statement; exception when insufficient_privilege then null; end $$;
alter function writer_is_refused(text) owner to "case_rename Writer";
create table prices (id bigint primary key, price numeric not null, secret text);
create table open_to_all (id bigint);
grant select on open_to_all to "case_rename Writer", public;
grant select on prices to case_rename_reader;
grant select (id, price), update (price) on prices to "case_rename Writer" with grant option;
alter default privileges in schema public grant all on tables to "case_rename Writer", public;
insert into prices select n, n * 10, 's' from generate_series(1, 200) n;
-- change
-- migrate:strategy view
alter table prices rename price to amount;
-- old client
select as_reader('select id, price, secret from prices');
select as_writer('update prices set price = price where id = :r');
select writer_is_refused('select secret from prices');
select writer_is_refused('update prices set id = id');
select writer_is_refused('delete from prices');
update prices set price = price + 1 where id = :r;
-- new client
select as_reader('select id, amount, secret from prices');
select as_writer('update prices set amount = amount where id = :r');
select writer_is_refused('select secret from prices');
select writer_is_refused('update prices set id = id');
update prices set amount = amount + 1 where id = :r;
