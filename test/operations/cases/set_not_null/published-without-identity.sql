-- The rows of a published table without a replica identity cannot be changed at all, and so not be filled.
-- expect CANNOT_PLAN
-- given
create table visits (at timestamptz, page text);
insert into visits select timestamptz '2024-01-01 00:00:00+00' + n * interval '1 minute', case when n % 3 > 0 then 'p' || n end from generate_series(1, 200) as n;
create publication visits_out for table visits;
-- change
-- migrate:using '/'
alter table visits alter column page set not null;
