-- The samples of a table with a composite key show the whole key.
-- expect DATA_VIOLATES
-- given
create table "Order Lines" ("Order" bigint, "Line" text, amount integer, primary key ("Order", "Line"));
insert into "Order Lines" select n, 'L' || n, n - 5 from generate_series(1, 200) n;
-- change
alter table "Order Lines" add check (amount >= 0);
