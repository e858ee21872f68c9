-- A virtual column is nowhere stored: its expression changes in a moment, when the old application is gone.
-- versions 18+
-- given
create table users (id bigint primary key, age int, twice int generated always as (age * 2) virtual);
insert into users (id, age) select n, n % 90 from generate_series(1, 200) as n;
analyze users;
-- change
alter table users alter column twice set expression as (age * 2 + 1);
-- old client
insert into users (id, age) values (100000 + :n, 5);
select age from users where id = :r;
-- new client
insert into users (id, age) values (2000000 + :n, 7);
