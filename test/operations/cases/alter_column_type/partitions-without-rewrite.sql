-- A change that keeps the bytes runs as written, down to the last partition.
-- given
create table events (id bigint, at date not null, kind varchar(10)) partition by range (at);
create table events_2024 partition of events for values from ('2024-01-01') to ('2025-01-01') partition by hash (id);
create table events_2024_0 partition of events_2024 for values with (modulus 1, remainder 0);
insert into events select n, date '2024-01-01', 'k' from generate_series(1, 200) n;
-- change
alter table events alter column kind type varchar(20);
-- old client
insert into events values (1000 + :n, '2024-02-02', 'old');
-- new client
insert into events values (1000 + :n, '2024-02-02', 'new');
