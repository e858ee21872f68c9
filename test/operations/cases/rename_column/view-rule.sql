-- A rule rewrites statements that name the table.
-- expect CANNOT_PLAN
-- given
create table people (id bigint primary key, name text);
create rule keep as on delete to people do instead nothing;
-- change
-- migrate:strategy view
alter table people rename name to full_name;
