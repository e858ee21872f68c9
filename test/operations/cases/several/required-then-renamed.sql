-- A column becomes required and gets another name in the same file: the new name comes with contract, and the plan says so.
-- given
create table people (id bigint primary key, born timestamp);
insert into people select n, timestamp '2024-01-01' + n * interval '1 hour' from generate_series(1, 200) as n;
-- change
alter table people alter column born set not null;
alter table people rename column born to born_at;
