-- A function returns rows of the table, which it reads by the table's name.
-- expect CANNOT_PLAN
-- given
create schema hr;
create table hr.people (id bigint primary key, name text);
create function hr.somebody() returns setof hr.people language sql as $$ select * from hr.people limit 1 $$;
-- change
-- migrate:strategy view
alter table hr.people rename name to full_name;
