-- While another migration changes the parent, an attached table would lack what that one makes: it waits for its contract.
-- given
create table logs (id bigint not null, at date not null, what text) partition by range (at);
create table logs_2024 partition of logs for values from ('2024-01-01') to ('2025-01-01');
insert into logs select n, date '2024-01-01' + n, 'w' || n from generate_series(1, 200) as n;
create table logs_2025 (id bigint not null, at date not null, what text);
insert into logs_2025 select 1000 + n, date '2025-01-01' + n, 'w' || n from generate_series(1, 200) as n;
-- change
alter table logs rename column what to label;
alter table logs_2025 rename column what to label;
-- change
alter table logs attach partition logs_2025 for values from ('2025-01-01') to ('2026-01-01');
-- old client
select what from logs where id = :r;
-- new client
select label from logs where id = :r;
