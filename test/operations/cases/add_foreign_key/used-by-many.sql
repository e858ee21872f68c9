-- Both tables are published, under a policy, a view and a materialized view, in schemas of their own, with text keys.
-- given
create schema "Sales";
create schema "Stock";
create table "Stock"."Item" ("Code" text primary key, name text);
create table "Sales"."Line" (at timestamptz primary key, "Item" text, pieces integer);
create view "Sales".pieces as select i.name, l.pieces from "Sales"."Line" l join "Stock"."Item" i on i."Code" = l."Item";
create materialized view "Sales".sums as select "Item", sum(pieces) from "Sales"."Line" group by "Item";
alter table "Sales"."Line" enable row level security;
create policy known on "Sales"."Line" using ("Item" in (select "Code" from "Stock"."Item"));
create publication sales_out for table "Sales"."Line", "Stock"."Item";
insert into "Stock"."Item" select 'I' || n, 'item ' || n from generate_series(1, 200) as n;
insert into "Sales"."Line" select timestamptz '2024-01-01 00:00:00+00' + n * interval '1 second', 'I' || n, n from generate_series(1, 200) as n;
-- change
alter table "Sales"."Line" add constraint "To Item" foreign key ("Item") references "Stock"."Item" on update cascade;
