-- A required column of a partitioned table.
-- given
create table events (id bigint, day date not null, kind text not null, primary key (id, day)) partition by range (day);
create table events_2024 partition of events for values from ('2024-01-01') to ('2025-01-01');
create table events_2025 partition of events for values from ('2025-01-01') to ('2026-01-01');
insert into events select n, date '2024-01-01' + (n * 3)::int, 'kind' || n % 4 from generate_series(1, 200) as n;
-- change
-- migrate:using upper(kind)
alter table events add column label text not null;
-- same as
alter table events add column label text;
update events set label = upper(kind);
alter table events alter column label set not null;
