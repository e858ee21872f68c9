-- A value that cannot be computed for some rows fails before a trigger could make the application's statements fail.
-- expect STEP_FAILED
-- given
create table parts (id bigint primary key, size text, weight int);
insert into parts select n, case when n = 77 then 'large' else n::text end, case when n % 2 = 0 then n end from generate_series(1, 200) as n;
-- change
-- migrate:using size::int
alter table parts alter column weight set not null;
