-- One ALTER TABLE drops first, whatever the order: the column that it adds itself is not there yet.
-- expect CANNOT_PLAN
-- given
create table orders (id bigint primary key, code integer);
-- change
alter table orders add column note text, drop column note;
