-- One ALTER TABLE drops what it drops first, and cannot check it then.
-- expect CANNOT_PLAN
-- given
create table orders (id bigint primary key, code integer);
create unlogged table drafts (id bigint primary key);
-- change
alter table orders add constraint code_is_short check (code < 10), drop column code;
