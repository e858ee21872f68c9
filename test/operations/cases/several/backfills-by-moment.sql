-- All that fills rows, batch by batch along a moment as key, with microseconds, in an unlogged table of another schema.
-- keeps data reading.Kind: the value that an empty one got is not taken away again
-- keeps data reading.weight: rows that violated the check have their repaired value
-- given
create schema "Log";
create unlogged table "Log".reading (at timestamptz primary key, "Kind" text, weight integer, name text not null, label text not null);
insert into "Log".reading select timestamptz '2024-01-01 00:00:00+00' + n * interval '1 microsecond', case when n % 3 > 0 then 'k' || n end, n, 'n' || n, 'l' || n from generate_series(1, 200) as n;
insert into "Log".reading values ('infinity', null, 1, 'n', 'l'), ('-infinity', null, 2, 'n', 'l'), ('0044-03-15 12:00:00+00 BC', null, 3, 'n', 'l');
-- change
-- migrate:using 'none'
alter table "Log".reading alter column "Kind" set not null;
-- migrate:using 1
alter table "Log".reading add constraint heavy check (weight < 190);
alter table "Log".reading rename name to "Title";
-- migrate:using upper(label)
ALTER TABLE "Log".reading ADD COLUMN sign text NOT NULL;
-- migrate:reverse lower(sign)
ALTER TABLE "Log".reading DROP COLUMN label;
-- same as
update "Log".reading set "Kind" = 'none' where "Kind" is null;
alter table "Log".reading alter column "Kind" set not null;
update "Log".reading set weight = 1 where weight >= 190;
alter table "Log".reading add constraint heavy check (weight < 190);
alter table "Log".reading rename name to "Title";
alter table "Log".reading add column sign text;
update "Log".reading set sign = upper(label);
alter table "Log".reading alter column sign set not null;
alter table "Log".reading drop column label;
