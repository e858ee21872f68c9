-- An UPDATE in between would miss what the old version writes after it.
-- expect CANNOT_PLAN
-- given
create table users (id bigint primary key, name text not null);
-- change
ALTER TABLE users ADD COLUMN full_name text;
UPDATE users SET full_name = name;
-- migrate:reverse full_name
ALTER TABLE users DROP COLUMN name;
