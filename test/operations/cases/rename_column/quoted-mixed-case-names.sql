-- Names that need quotes, one with quotes inside, beside columns called old and NEW.
-- given
create schema "Shop Floor";
create table "Shop Floor"."Work Orders" ("Id" bigint primary key, "Due Date" date not null, "old" text, "NEW" integer default 7);
create unique index "Work Orders Due" on "Shop Floor"."Work Orders" ("Due Date", "Id" desc) where "Due Date" > '2000-01-01';
alter table "Shop Floor"."Work Orders" add constraint "Due Date?" check ("Due Date" > '1999-12-31' and "Id" > 0);
insert into "Shop Floor"."Work Orders" select g, date '2020-01-01' + g::int, 'x' from generate_series(1, 300) g;
-- change
alter table "Shop Floor"."Work Orders" rename column "Due Date" to "Finish ""by""";
-- old client
insert into "Shop Floor"."Work Orders" ("Id", "Due Date") values (100000 + :n, '2030-01-01');
update "Shop Floor"."Work Orders" set "Due Date" = "Due Date" + 1 where "Id" = 1;
-- new client
insert into "Shop Floor"."Work Orders" ("Id", "Finish ""by""") values (100000 + :n, '2031-01-01');
update "Shop Floor"."Work Orders" set "Finish ""by""" = '2032-02-02' where "Id" = 2;
