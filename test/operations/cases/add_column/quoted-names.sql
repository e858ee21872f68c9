-- Names that must be quoted, in a schema of their own.
-- given
create schema "Sales Team";
create table "Sales Team"."Order" ("Id" bigint primary key, "select" text not null);
insert into "Sales Team"."Order" select n, 'x' || n from generate_series(1, 200) as n;
-- change
-- migrate:using upper("select")
alter table "Sales Team"."Order" add column "From" text not null;
-- same as
alter table "Sales Team"."Order" add column "From" text;
update "Sales Team"."Order" set "From" = upper("select");
alter table "Sales Team"."Order" alter column "From" set not null;
