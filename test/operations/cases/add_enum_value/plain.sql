-- A value more, at the end and in between.
-- keeps schema type public.status labels: Postgres cannot take a value away from an enum; one that nobody uses does no harm
-- given
create type status as enum ('new', 'done');
create table tasks (id bigint primary key, status status not null);
insert into tasks select n, case when n % 2 = 0 then 'new' else 'done' end::status from generate_series(1, 200) as n;
-- change
alter type status add value 'archived';
alter type status add value if not exists 'running' before 'done';
alter type status add value if not exists 'new';
