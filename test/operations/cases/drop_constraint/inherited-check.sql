-- The check of a parent goes from the tables below, too.
-- given
create table events (id bigint, size integer);
create table archived_events (archived date) inherits (events);
insert into events select n, n from generate_series(1, 200) n;
alter table events add constraint size_positive check (size > 0);
-- change
alter table events drop constraint size_positive;
