-- What else is done to the table waits until it is back in its place; what stands above is done before.
-- given
create table people (id bigint primary key, name text);
insert into people select n, 'P' || n from generate_series(1, 200) n;
-- change
alter table people add column born date;
-- migrate:strategy view
alter table people rename name to full_name;
alter table people add column died date;
create table notes (person bigint references people, note text);
-- old client
insert into people values (1000000 + :n, 'old');
-- new client
insert into people (id, full_name, born) values (2000000 + :n, 'new', date '2000-01-01');
update people set full_name = 'x' where id = :r;
