-- A key WITHOUT OVERLAPS cannot be built concurrently.
-- versions 18+
-- expect CANNOT_PLAN
-- given
create extension btree_gist;
create table prices (item integer, during daterange);
-- change
alter table prices add primary key (item, during without overlaps);
