-- A repair cannot reach the tables that inherit the check.
-- expect CANNOT_PLAN
-- given
create table events (id bigint primary key, size integer);
create table archived_events (archived date) inherits (events);
-- change
-- migrate:using 0
alter table events add check (size >= 0);
