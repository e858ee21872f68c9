-- Commands for a foreign table: the rows are elsewhere, so none is copied, read or checked.
-- given
create table users (id bigint primary key);
insert into users select n from generate_series(1, 200) as n;
create extension file_fdw;
create server case_server foreign data wrapper file_fdw;
create foreign table far (id integer, name text) server case_server options (program 'printf "1,a\n2,b\n"', format 'csv');
create foreign table farther (id integer, name text, old text) server case_server options (program 'printf "1,a\n2,b\n"', format 'csv');
-- change
alter foreign table far alter column id set not null;
alter foreign table far alter column name set default 'none';
alter foreign table far add constraint positive check (id > 0);
alter foreign table far alter column id type bigint;
alter foreign table farther drop column old;
-- old client
select id, name from far;
-- new client
select id, name from far;
