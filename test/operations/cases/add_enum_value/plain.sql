-- A value more, at the end and in between.
-- given
create type status as enum ('new', 'done');
create table tasks (id bigint primary key, status status not null);
insert into tasks select n, case when n % 2 = 0 then 'new' else 'done' end::status from generate_series(1, 200) as n;
-- change
alter type status add value 'archived';
alter type status add value if not exists 'running' before 'done';
alter type status add value if not exists 'new';
