-- One ALTER TABLE cannot change the type of a column that it adds.
-- expect CANNOT_PLAN
-- given
create table orders (id bigint primary key, code integer);
create unlogged table drafts (id bigint primary key);
-- change
alter table orders add column note varchar(20), alter column note type text;
