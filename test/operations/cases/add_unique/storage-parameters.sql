-- Storage parameters of the index behind it, INCLUDE, and names that need quotes.
-- given
create schema "My Shop";
create table "My Shop"."Price List" ("Id" bigint primary key, "Item No" text, "from" date, note text);
insert into "My Shop"."Price List" select n, 'i' || n, date '2024-01-01', 'x' from generate_series(1, 200) n;
-- change
alter table "My Shop"."Price List" add constraint "One Price?" unique ("Item No", "from") include (note) with (fillfactor = 70);
-- old client
update "My Shop"."Price List" set note = 'y' where "Id" = :r;
-- new client
insert into "My Shop"."Price List" values (1000 + :n, 'n' || :n, '2024-01-01', 'x');
