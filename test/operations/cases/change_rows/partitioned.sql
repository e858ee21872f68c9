-- Rows of all partitions, each exactly once.
-- given
create table events (id bigint, day date not null, hits int not null, primary key (id, day)) partition by range (day);
create table events_2024 partition of events for values from ('2024-01-01') to ('2025-01-01');
create table events_2025 partition of events for values from ('2025-01-01') to ('2026-01-01');
insert into events select n, date '2024-01-01' + (n * 3)::int, n from generate_series(1, 200) as n;
-- change
update events set hits = hits + 1;
