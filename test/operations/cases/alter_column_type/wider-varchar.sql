-- A longer text: nothing is written anew, so the statement runs as it is.
-- shown in docs
-- given
create table people (id bigint primary key, name varchar(20) not null default 'nobody', nickname varchar(20));
create unique index on people (nickname);
insert into people select g, 'n' || g, 'k' || g from generate_series(1, 300) g;
-- change
alter table people alter column name type varchar(200);
-- old client
insert into people (id, name) values (100000 + :n, 'old');
-- new client
insert into people (id, name) values (100000 + :n, 'new');
