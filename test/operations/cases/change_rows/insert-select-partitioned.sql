-- From a partitioned table into another one; a partition has its columns in another order.
-- given
create table events (id bigint, day date not null, hits int not null, primary key (id, day)) partition by range (day);
create table events_2024 (hits int not null, day date not null, id bigint not null, primary key (id, day));
alter table events attach partition events_2024 for values from ('2024-01-01') to ('2025-01-01');
create table events_2025 partition of events for values from ('2025-01-01') to ('2026-01-01');
create table totals (id bigint, day date not null, hits int not null, primary key (id, day)) partition by list (day);
create table totals_rest partition of totals default;
insert into events (id, day, hits) select n, date '2024-01-01' + (n * 3)::int, n from generate_series(1, 200) as n;
-- change
insert into totals select * from events where hits > 5;
-- old client
update events set hits = hits + 1000 where id = :r;
-- new client
insert into totals values (:n, '2030-01-01', 1);
