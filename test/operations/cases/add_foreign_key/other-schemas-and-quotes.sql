-- Tables in other schemas, with names that need quotes, referenced by a unique key that is not the primary one.
-- given
create schema "Shop";
create schema "Ware House";
create table "Ware House"."Items" ("Id" bigint primary key, "Code" text collate "C" not null unique);
insert into "Ware House"."Items" select n, 'I' || n from generate_series(1, 200) n;
create table "Shop"."Order" ("Id" uuid primary key, "Item" text collate "C");
insert into "Shop"."Order" select md5(n::text)::uuid, 'I' || n from generate_series(1, 200) n;
-- change
alter table "Shop"."Order" add constraint "Item?" foreign key ("Item") references "Ware House"."Items" ("Code") on delete set default;
