-- Row level security holds through the view.
-- versions 15+
-- given
do $$ begin create role case_rename_reader; exception when duplicate_object then null; end $$;
grant create on schema public to case_rename_reader;
create function as_reader(statement text) returns void security definer language plpgsql as $$ begin execute statement; end $$;
alter function as_reader(text) owner to case_rename_reader;
create table prices (id bigint primary key, price numeric not null);
alter table prices enable row level security;
create policy cheap on prices using (price < 1000) with check (price < 1000);
grant select, insert, update on prices to case_rename_reader;
insert into prices select n, n * 10 from generate_series(1, 200) n;
-- change
-- migrate:strategy view
alter table prices rename price to amount;
-- old client
select as_reader('select 1 / (case when count(*) = 0 then 1 else 0 end) from prices where price >= 1000');
select as_reader('update prices set price = price where id = :r');
update prices set price = price where id = :r;
-- new client
select as_reader('select 1 / (case when count(*) = 0 then 1 else 0 end) from prices where amount >= 1000');
select as_reader('update prices set amount = amount where id = :r');
update prices set amount = amount where id = :r;
