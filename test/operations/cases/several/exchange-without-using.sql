-- Without the way there the new version would miss what the old one writes.
-- expect VALUE_REQUIRED
-- given
create table users (id bigint primary key, name text not null);
-- change
ALTER TABLE users ADD COLUMN full_name text;
-- migrate:reverse full_name
ALTER TABLE users DROP COLUMN name;
