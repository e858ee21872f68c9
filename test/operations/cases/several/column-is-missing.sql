-- A column that is not there is found before contract, where other steps would be done for good by then.
-- expect CANNOT_PLAN
-- given
create table orders (id bigint primary key, code integer);
create unlogged table drafts (id bigint primary key);
-- change
alter table orders drop column id2;
