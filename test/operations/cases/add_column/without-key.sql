-- A table without a key is filled too: what is filled already is not touched again.
-- given
create table readings (sensor text, value int);
insert into readings select 'sensor' || n % 9, n % 50 from generate_series(1, 200) as n;
-- change
-- migrate:using value / 10
alter table readings add column bucket int not null;
-- same as
alter table readings add column bucket int;
update readings set bucket = value / 10;
alter table readings alter column bucket set not null;
