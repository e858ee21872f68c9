-- Several columns of one table, with names that need quotes, through one view.
-- given
create schema "My Shop";
create table "My Shop"."Price List" ("Id" bigint primary key, "Price" numeric not null, "Unit's name" text default 'kg', "an extraordinarily long name, which fills up all of the 63 bytes" date);
insert into "My Shop"."Price List" select n, n, 'kg' from generate_series(1, 200) n;
-- change
-- migrate:strategy view
alter table "My Shop"."Price List" rename "Price" to price;
-- migrate:strategy view
alter table "My Shop"."Price List" rename "Unit's name" to "select";
create table "My Shop".notes (id bigint);
-- migrate:strategy view
alter table "My Shop"."Price List" rename "an extraordinarily long name, which fills up all of the 63 bytes" to "another extraordinarily long name, which fills all the 63 bytes";
-- old client
insert into "My Shop"."Price List" values (1000000 + :n, 5);
update "My Shop"."Price List" set "Price" = 7, "Unit's name" = 'g' where "Id" = :r;
-- new client
insert into "My Shop"."Price List" ("Id", price, "select") values (2000000 + :n, 5, 'l');
update "My Shop"."Price List" set price = 8, "another extraordinarily long name, which fills all the 63 bytes" = date '2024-01-01' where "Id" = :r;
