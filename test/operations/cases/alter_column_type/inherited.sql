-- A table that others inherit from.
-- expect CANNOT_PLAN
-- given
create table places (id bigint, height integer);
create table cities (mayor text) inherits (places);
-- change
alter table places alter column height type bigint;
