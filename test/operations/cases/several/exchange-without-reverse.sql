-- Without the way back the old version would miss what the new one writes.
-- expect VALUE_REQUIRED
-- given
create table users (id bigint primary key, name text not null);
-- change
-- migrate:using split_part(name, ' ', 1)
ALTER TABLE users ADD COLUMN first_name text;
ALTER TABLE users DROP COLUMN name;
