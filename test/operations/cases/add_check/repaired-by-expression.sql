-- The repair may be computed from the row, with names that need quotes.
-- keeps data Work Hours.Hours: rows that violated the check have their repaired value
-- given
create schema "Staff";
create table "Staff"."Work Hours" ("Id" bigint primary key, "Hours" numeric, "hours max" numeric not null);
insert into "Staff"."Work Hours" select n, n, 100 from generate_series(1, 200) n;
-- change
-- migrate:using least("Hours", "hours max", 24)
alter table "Staff"."Work Hours" add check ("Hours" <= 24);
-- same as
update "Staff"."Work Hours" set "Hours" = least("Hours", "hours max", 24) where not ("Hours" <= 24);
alter table "Staff"."Work Hours" add check ("Hours" <= 24);
-- old client
insert into "Staff"."Work Hours" values (1000 + :n, 80, 40);
-- new client
insert into "Staff"."Work Hours" values (1000 + :n, 8, 40);
