-- The indexes of all partitions, one after the other.
-- given
create table logs (id bigint not null, at date not null, primary key (id, at)) partition by range (at);
create table logs_2024 partition of logs for values from ('2024-01-01') to ('2025-01-01');
create table logs_2025 partition of logs for values from ('2025-01-01') to ('2026-01-01');
insert into logs select n, date '2024-06-01' + n from generate_series(1, 200) as n;
-- change
reindex table logs;
