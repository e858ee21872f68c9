-- A constraint that is not there is found before anything runs.
-- expect CANNOT_PLAN
-- given
create table orders (id bigint primary key, code integer);
create unlogged table drafts (id bigint primary key);
-- change
alter table orders rename constraint code_is_long to code_is_short;
