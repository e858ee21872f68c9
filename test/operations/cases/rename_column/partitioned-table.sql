-- Indexes are copied partition by partition, also where partitions are partitioned again.
-- given
create table events (id bigint not null, at date not null, kind text not null, primary key (id, at)) partition by range (at);
create table events_2024 partition of events for values from ('2024-01-01') to ('2025-01-01');
create table events_2025 partition of events for values from ('2025-01-01') to ('2026-01-01') partition by range (id);
create table events_2025_low partition of events_2025 for values from (0) to (1000);
create table events_2025_rest partition of events_2025 default;
create index events_kind_idx on events (kind, at);
create index only_here on events_2024 (kind) where kind like 'a%';
insert into events select g, date '2024-01-01' + (g % 700)::int, 'k' || g % 5 from generate_series(1, 1500) g;
-- change
alter table events rename column kind to type;
-- old client
insert into events (id, at, kind) values (100000 + :n, '2024-05-05', 'old');
-- new client
insert into events (id, at, type) values (100000 + :n, '2025-05-05', 'new');
