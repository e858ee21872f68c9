-- A key of several columns, with a table above that is a partition itself, and names that must be quoted.
-- given
create table "Logs" (region text not null, "Year" int not null, "Month" int not null, id bigint) partition by list (region);
create table "Logs of north" partition of "Logs" for values in ('north') partition by range ("Year", "Month");
create table logs_2024 partition of "Logs of north" for values from (2024, 1) to (2024, maxvalue);
insert into "Logs" select 'north', 2024, 1 + n % 12, n from generate_series(1, 200) as n;
create table "Logs 2025" (region text not null, "Year" int not null, "Month" int not null, id bigint);
insert into "Logs 2025" select 'north', 2025, 1 + n % 6, n from generate_series(1, 200) as n;
-- change
alter table "Logs of north" attach partition "Logs 2025" for values from (2025, 1) to (2025, 7);
-- old client
select "Month" from "Logs" where id = :r;
-- new client
select "Month" from "Logs" where id = :r;
