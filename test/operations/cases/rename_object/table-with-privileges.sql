-- The view under the old name has the table's privileges, by table and by column.
-- given
do $$ begin create role case_rename_reader; exception when duplicate_object then null; end $$;
do $$ begin create role "case_rename Writer"; exception when duplicate_object then null; end $$;
grant create on schema public to case_rename_reader, "case_rename Writer";
create function as_reader(statement text) returns void security definer language plpgsql as $$ begin execute statement; end $$;
alter function as_reader(text) owner to case_rename_reader;
create function as_writer(statement text) returns void security definer language plpgsql as $$ begin execute statement; end $$;
alter function as_writer(text) owner to "case_rename Writer";
create schema "My Shop";
grant usage on schema "My Shop" to case_rename_reader, "case_rename Writer";
create table "My Shop"."Price List" ("Id" bigint primary key, "Price" numeric not null, secret text);
grant select on "My Shop"."Price List" to case_rename_reader;
grant select ("Id", "Price"), update ("Price") on "My Shop"."Price List" to "case_rename Writer" with grant option;
insert into "My Shop"."Price List" select n, n * 10, 's' from generate_series(1, 200) n;
-- change
alter table "My Shop"."Price List" rename to "Prices";
-- old client
select as_reader('select "Id", secret from "My Shop"."Price List"');
select as_writer('update "My Shop"."Price List" set "Price" = "Price" where "Id" = :r');
update "My Shop"."Price List" set secret = 'old' where "Id" = :r;
-- new client
update "My Shop"."Prices" set secret = 'new' where "Id" = :r;
