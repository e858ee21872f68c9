-- A column of a table that inherits others, though not this one.
-- expect CANNOT_PLAN
-- given
create table places (id bigint);
create table cities (people integer) inherits (places);
-- change
alter table cities alter column people type bigint;
