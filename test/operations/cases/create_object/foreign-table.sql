-- A foreign table, with its server, and a column more.
-- given
create table users (id bigint primary key);
insert into users select n from generate_series(1, 200) as n;
-- change
create extension file_fdw;
create server case_server foreign data wrapper file_fdw;
create foreign table far (id bigint not null) server case_server options (program 'seq 1 5');
alter foreign table far options (add format 'csv');
-- new client
select id from far;
