-- A foreign table goes when the old application is gone.
-- given
create table users (id bigint primary key);
insert into users select n from generate_series(1, 200) as n;
create extension file_fdw;
create server case_server foreign data wrapper file_fdw;
create foreign table far (id bigint not null) server case_server options (program 'seq 1 5');
-- change
drop foreign table far;
-- old client
select id from far;
-- new client
select id from users where id = :r;
