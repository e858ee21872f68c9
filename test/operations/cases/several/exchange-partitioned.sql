-- A partitioned table with a key of two columns, names that need quotes and a schema that is not on the search path.
-- given
create schema "Sales";
create table "Sales"."Orders" (
  region text, id uuid, "Total" text not null, primary key (region, id)
) partition by list (region);
create table "Sales".north partition of "Sales"."Orders" for values in ('north');
create table "Sales".others partition of "Sales"."Orders" default;
insert into "Sales"."Orders" select case when n % 2 = 0 then 'north' else 'south' end, md5(n::text)::uuid, n || ' EUR' from generate_series(1, 200) as n;
-- change
-- migrate:using split_part("Total", ' ', 1)::numeric
ALTER TABLE "Sales"."Orders" ADD COLUMN "Amount" numeric NOT NULL;
-- migrate:using split_part("Total", ' ', 2)
ALTER TABLE "Sales"."Orders" ADD COLUMN currency char(3) NOT NULL;
-- migrate:reverse "Amount" || ' ' || currency
ALTER TABLE "Sales"."Orders" DROP COLUMN "Total";
-- same as
alter table "Sales"."Orders" add column "Amount" numeric;
alter table "Sales"."Orders" add column currency char(3);
update "Sales"."Orders" set "Amount" = split_part("Total", ' ', 1)::numeric, currency = split_part("Total", ' ', 2);
alter table "Sales"."Orders" alter column "Amount" set not null;
alter table "Sales"."Orders" alter column currency set not null;
alter table "Sales"."Orders" drop column "Total";
-- old client
insert into "Sales"."Orders" values ('north', md5('old' || :n)::uuid, :n || ' USD');
update "Sales"."Orders" set "Total" = '1.50 EUR' where region = 'south' and id = md5(:r::text)::uuid;
update "Sales"."Orders" set region = 'west' where region = 'north' and id = md5(:r::text)::uuid;
-- new client
insert into "Sales"."Orders" (region, id, "Amount", currency) values ('east', md5('new' || :n)::uuid, 1.50, 'CHF');
update "Sales"."Orders" set "Amount" = "Amount" * 2 where id = md5('new' || :n)::uuid;
