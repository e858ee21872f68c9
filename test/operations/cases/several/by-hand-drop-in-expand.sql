-- A column cannot be dropped while the old version runs.
-- expect CANNOT_PLAN
-- given
create table users (id bigint primary key, email text);
-- change
-- migrate:expand
alter table users add column phone text;
alter table users drop column email;
