-- A column of a foreign table: no trigger can keep two in step there.
-- given
create table users (id bigint primary key);
insert into users select n from generate_series(1, 200) as n;
create extension file_fdw;
create server case_server foreign data wrapper file_fdw;
create foreign table far (id integer, name text) server case_server options (program 'printf "1,a\n2,b\n"', format 'csv');
-- change
alter foreign table far rename name to label;
-- old client
select id from far;
-- new client
select id from far;
