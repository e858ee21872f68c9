-- A new partition beside a default one, which is looked through before.
-- given
create table logs (id bigint not null, at date not null, what text) partition by range (at);
create table logs_2024 partition of logs for values from ('2024-01-01') to ('2025-01-01');
insert into logs select n, date '2024-01-01' + n, 'w' || n from generate_series(1, 200) as n;
create table logs_rest partition of logs default;
insert into logs select 5000 + n, date '2030-01-01' + n, 'r' || n from generate_series(1, 200) as n;
-- change
create table logs_2025 partition of logs for values from ('2025-01-01') to ('2026-01-01');
