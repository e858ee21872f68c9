-- Views, policies, statistics, privileges, a generated column and a replica identity stay with the column.
-- given
create table people (id bigint primary key, name text not null, birth date, tenant integer not null default 1,
  name_length integer generated always as (length(name)) stored,
  constraint name_not_blank check (btrim(name) <> ''), unique (tenant, name));
create view people_names as select id, name, upper(name) as shouted from people;
create materialized view people_by_name as select name, count(*) as n from people group by name;
alter table people enable row level security;
create policy own_tenant on people using (tenant = 1 and name <> 'root') with check (name <> 'root');
create statistics people_name_tenant (dependencies, ndistinct) on name, tenant from people;
grant select (id, name), update (name) on people to pg_monitor;
alter table people alter column name set statistics 500;
alter table people replica identity using index people_pkey;
comment on column people.name is 'as in the passport';
comment on constraint name_not_blank on people is 'an empty name is no name';
insert into people (id, name, birth) select g, 'P' || g, date '1970-01-01' + g::int from generate_series(1, 300) g;
-- change
alter table people rename column name to full_name;
-- old client
insert into people (id, name) values (100000 + :n, 'old ' || :n);
update people set name = 'changed ' || id where id = 5;
select id, shouted from people_names where name like 'P%';
-- new client
insert into people (id, full_name) values (100000 + :n, 'new ' || :n);
update people set full_name = 'renewed ' || id where id = 6;
