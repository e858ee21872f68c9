-- A view is dropped above a change of type and made again below it, and is missing for no longer than the column.
-- given
create table people (id bigint primary key, name text, age integer not null);
insert into people select n, 'name ' || n, n % 90 from generate_series(1, 200) n;
create view adults as select id, age from people where age >= 18;
grant select on adults to public;
create view names as select id, name from people;
-- change
drop view adults;
drop view names;
alter table people alter column age type bigint;
create view names as select id, name from people where name <> '';
create view adults as select id, age from people where age >= 21;
grant select on adults to public;
-- old client
insert into people (id, age) values (1000000 + :n, 20);
select id, age from adults where id = 20;
-- new client
update people set age = age + 1 where id = :r;
