-- The values keep their bytes, but the server would build the index of each partition anew under the lock.
-- expect CANNOT_PLAN
-- given
create table events (id bigint, at date not null, kind varchar(10)) partition by range (at);
create table events_2024 partition of events for values from ('2024-01-01') to ('2025-01-01') partition by hash (id);
create table events_2024_0 partition of events_2024 for values with (modulus 1, remainder 0);
create index on events (kind);
insert into events select n, date '2024-01-01', 'k' from generate_series(1, 200) n;
-- change
alter table events alter column kind type varchar(20);
