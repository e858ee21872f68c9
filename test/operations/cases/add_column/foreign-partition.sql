-- A random default would have to be written into rows elsewhere.
-- expect CANNOT_PLAN
-- given
create extension file_fdw;
create server case_server foreign data wrapper file_fdw;
create table visits (id integer not null, page text) partition by list (id);
create table visits_near partition of visits for values in (3, 4);
create foreign table visits_far partition of visits for values in (1, 2) server case_server options (program 'printf "1,a\n2,b\n"', format 'csv');
-- change
alter table visits add column token uuid default gen_random_uuid();
