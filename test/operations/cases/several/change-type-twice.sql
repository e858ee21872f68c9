-- One ALTER TABLE cannot change a type twice: both values would be computed from the first one.
-- expect CANNOT_PLAN
-- given
create table orders (id bigint primary key, code integer);
create unlogged table drafts (id bigint primary key);
-- change
alter table orders alter column code type bigint, alter column code type text using code::text;
