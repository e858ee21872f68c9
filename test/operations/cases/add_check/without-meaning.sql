-- The check has no answer for a row that is there: refused with the server's reason, as by the plain SQL.
-- expect STEP_FAILED
-- given
create table parts (id bigint primary key, pieces integer, weight integer);
insert into parts select n, n % 7, n from generate_series(1, 200) as n;
-- change
alter table parts add constraint light check (weight / pieces < 1000);
