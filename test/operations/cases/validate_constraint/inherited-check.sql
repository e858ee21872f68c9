-- The check of a parent is validated in the tables below, too.
-- given
create table events (id bigint, size integer);
create table archived_events (archived date) inherits (events);
insert into events select n, n from generate_series(1, 200) n;
insert into archived_events select n, n, date '2024-01-01' from generate_series(1, 200) n;
alter table events add constraint size_positive check (size > 0) not valid;
-- change
alter table events validate constraint size_positive;
