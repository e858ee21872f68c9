-- A function takes rows of the table as values: a row of the view is none.
-- expect CANNOT_PLAN
-- given
create table people (id bigint primary key, name text);
create function greeting(people) returns text language sql as $$ select 'Hello ' || $1.name $$;
-- change
-- migrate:strategy view
alter table people rename name to full_name;
