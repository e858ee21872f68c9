-- What an expression reads beside the two sides can change without either being written.
-- expect CANNOT_PLAN
-- given
create table users (id bigint primary key, name text not null, email text);
-- change
-- migrate:using coalesce(name, email)
ALTER TABLE users ADD COLUMN label text;
-- migrate:reverse label
ALTER TABLE users DROP COLUMN name;
