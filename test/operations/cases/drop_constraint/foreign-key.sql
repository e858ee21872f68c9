-- A foreign key is dropped in expand; both tables are locked for a moment.
-- shown in docs
-- given
create schema "Shop";
create table "Shop"."Customers" ("Id" bigint, region text, primary key (region, "Id"));
create table orders (id bigint primary key, region text, "Customer" bigint);
insert into "Shop"."Customers" select n, 'r' from generate_series(1, 200) n;
insert into orders select n, 'r', n from generate_series(1, 200) n;
alter table orders add constraint "Customer?" foreign key (region, "Customer") references "Shop"."Customers" match full on update cascade on delete restrict deferrable initially deferred;
-- change
alter table orders drop constraint "Customer?";
