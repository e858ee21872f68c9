-- Reads and writes of the parent go on; the check that Postgres leaves behind goes.
-- given
create table logs (id bigint not null, at date not null, what text) partition by range (at);
create table logs_2024 partition of logs for values from ('2024-01-01') to ('2025-01-01');
insert into logs select n, date '2024-01-01' + n, 'w' || n from generate_series(1, 200) as n;
alter table logs add primary key (id, at);
-- change
alter table logs detach partition logs_2024;
-- old client
select what from logs where id = :r;
-- new client
select what from logs_2024 where id = :r;
