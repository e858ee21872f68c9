-- A trigger that changes one of the columns knows one side only.
-- expect CANNOT_PLAN
-- given
create table users (id bigint primary key, name text not null);
create function trim_name() returns trigger language plpgsql as 'begin new.name := trim(new.name); return new; end';
create trigger trim_name before insert or update on users for each row execute function trim_name();
-- change
-- migrate:using upper(name)
ALTER TABLE users ADD COLUMN label text;
-- migrate:reverse lower(label)
ALTER TABLE users DROP COLUMN name;
