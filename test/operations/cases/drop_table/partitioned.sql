-- The partitions go with their table.
-- given
create table events (id bigint, day date not null, primary key (id, day)) partition by range (day);
create table events_2024 partition of events for values from ('2024-01-01') to ('2026-01-01');
create table users (id bigint primary key, email text);
insert into events select n, date '2024-01-01' + n::int from generate_series(1, 200) as n;
insert into users select n, 'user' || n from generate_series(1, 200) as n;
-- change
drop table events;
