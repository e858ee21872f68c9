-- A table that survives a crash cannot refer to one that does not.
-- expect CANNOT_PLAN
-- given
create table orders (id bigint primary key, code integer);
create unlogged table drafts (id bigint primary key);
-- change
create table lines (id bigint primary key, orders bigint references drafts);
