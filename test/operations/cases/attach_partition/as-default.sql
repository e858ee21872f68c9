-- A table becomes the default partition: it holds what belongs nowhere else.
-- given
create table logs (id bigint not null, at date not null, what text) partition by range (at);
create table logs_2024 partition of logs for values from ('2024-01-01') to ('2025-01-01');
insert into logs select n, date '2024-01-01' + n, 'w' || n from generate_series(1, 200) as n;
create table logs_rest (id bigint not null, at date not null, what text);
insert into logs_rest select 1000 + n, date '2025-01-01' + n, 'w' || n from generate_series(1, 200) as n;
-- change
alter table logs attach partition logs_rest default;
-- old client
select what from logs where id = :r;
-- new client
select what from logs where id = :r;
