-- One of the partitions is a foreign table: what it cannot have, it is not asked for.
-- given
create extension file_fdw;
create server case_server foreign data wrapper file_fdw;
create table visits (id integer not null, page text) partition by list (id);
create table visits_near partition of visits for values in (3, 4);
create foreign table visits_far partition of visits for values in (1, 2) server case_server options (program 'printf "1,a\n2,b\n"', format 'csv');
insert into visits select 3 + n % 2, 'p' || n from generate_series(1, 200) as n;
-- change
alter table visits alter column page set not null;
alter table visits add constraint some_page check (page <> '');
create index visits_page on visits (page);
-- old client
select id, page from visits where id = 1;
insert into visits values (3, 'old' || :n);
-- new client
select id, page from visits where id = 2;
insert into visits values (4, 'new' || :n);
