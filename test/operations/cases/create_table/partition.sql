-- A partition of a table in use waits for its readers.
-- given
create table events (id bigint not null, day date not null, payload text, primary key (id, day)) partition by range (day);
create table events_old partition of events for values from ('2024-01-01') to ('2025-01-01');
create index events_payload on events (payload);
insert into events select n, date '2024-01-01' + (n % 300)::int, 'event ' || n from generate_series(1, 200) as n;
-- change
create table events_new partition of events for values from ('2025-01-01') to ('2026-01-01');
