-- An index that is the replica identity is not dropped.
-- expect CANNOT_PLAN
-- given
create table orders (id bigint not null, code text);
create unique index orders_id on orders (id);
alter table orders replica identity using index orders_id;
-- change
drop index orders_id;
