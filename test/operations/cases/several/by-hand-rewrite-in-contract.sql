-- A change of type in contract: the same steps as ever, all of them in contract.
-- given
create table users (id integer primary key, visits integer);
insert into users select n, n from generate_series(1, 200) as n;
-- change
-- migrate:contract
alter table users alter column visits type bigint;
