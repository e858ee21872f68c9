-- The view under the old name has the table's privileges, by table and by column, and the table's row level security.
-- versions 15+
-- given
do $$ begin create role case_rename_reader; exception when duplicate_object then null; end $$;
do $$ begin create role "case_rename Writer"; exception when duplicate_object then null; end $$;
create schema "My Shop";
grant usage on schema "My Shop" to case_rename_reader, "case_rename Writer";
create table "My Shop"."Price List" ("Id" bigint primary key, "Price" numeric not null, secret text);
alter table "My Shop"."Price List" enable row level security;
create policy "Cheap" on "My Shop"."Price List" using ("Price" < 1000);
grant select on "My Shop"."Price List" to case_rename_reader;
grant select ("Id", "Price"), update ("Price") on "My Shop"."Price List" to "case_rename Writer" with grant option;
insert into "My Shop"."Price List" select n, n * 10, 's' from generate_series(1, 200) n;
-- change
alter table "My Shop"."Price List" rename to "Prices";
-- old client
set role case_rename_reader;
select "Id" from "My Shop"."Price List" where "Id" = :r;
reset role;
set role "case_rename Writer";
update "My Shop"."Price List" set "Price" = "Price" where "Id" = :r;
reset role;
-- new client
update "My Shop"."Prices" set "Price" = "Price" where "Id" = :r;
