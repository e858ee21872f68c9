-- A subscriber would get the rows under the helper's name.
-- expect CANNOT_PLAN
-- given
create table people (id bigint primary key, name text);
create publication everyone for table people;
-- change
-- migrate:strategy view
alter table people rename name to full_name;
