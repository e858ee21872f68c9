-- A check is renamed in the tables below, too.
-- given
create table events (id bigint, size integer, constraint positive check (size > 0));
create table archived_events (archived date) inherits (events);
insert into events select n, n from generate_series(1, 200) n;
-- change
alter table events rename constraint positive to size_positive;
