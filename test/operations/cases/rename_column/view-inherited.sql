-- Tables that inherit the column have it under one name.
-- expect CANNOT_PLAN
-- given
create table people (id bigint primary key, name text);
create table heroes (power text) inherits (people);
-- change
-- migrate:strategy view
alter table people rename name to full_name;
