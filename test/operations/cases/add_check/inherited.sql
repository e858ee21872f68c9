-- The tables that inherit get the check, too.
-- given
create table events (id bigint, size integer);
create table archived_events (archived date) inherits (events);
create table lost_events () inherits (archived_events);
insert into events select n, n from generate_series(1, 200) n;
insert into archived_events select n, n, date '2024-01-01' from generate_series(1, 200) n;
insert into lost_events select n, n, date '2024-01-01' from generate_series(1, 50) n;
-- change
alter table events add check (size > 0);
