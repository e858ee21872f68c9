-- USING reads a column that the same migration renames: the conversion waits until its values are under one name.
-- given
create table parts (id bigint primary key, size text not null, unit text not null);
insert into parts select n, n::text, case when n % 2 = 0 then 'cm' else 'mm' end from generate_series(1, 200) as n;
-- change
alter table parts rename column unit to scale;
alter table parts alter column size type int using size::int * case scale when 'cm' then 10 else 1 end;
-- old client
insert into parts (id, size, unit) values (100000 + :n, '7', 'cm');
-- new client
insert into parts (id, size, scale) values (200000 + :n, '8', 'mm');
-- no rows
select * from parts where id > 200000 and size <> 8 or id between 100000 and 200000 and size <> 70;
