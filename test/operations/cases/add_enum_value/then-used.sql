-- The value is used by a later statement of the same migration.
-- keeps schema type public.status labels: Postgres cannot take a value away from an enum; one that nobody uses does no harm
-- shown in docs
-- given
create type status as enum ('new', 'done');
create table tasks (id bigint primary key, status status not null default 'new');
insert into tasks select n, case when n % 2 = 0 then 'new' else 'done' end::status from generate_series(1, 200) as n;
-- change
alter type status add value 'waiting';
alter table tasks alter column status set default 'waiting';
