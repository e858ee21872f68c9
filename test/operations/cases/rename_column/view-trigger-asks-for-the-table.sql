-- An audit trigger writes down the table's name, which would be a helper's meanwhile.
-- expect CANNOT_PLAN
-- given
create table audit (relation text, at timestamptz);
create table people (id bigint primary key, name text);
create function write_down() returns trigger language plpgsql as $$ begin insert into audit values (tg_table_name, now()); return null; end $$;
create trigger write_down after insert or update on people for each row execute function write_down();
-- change
-- migrate:strategy view
alter table people rename name to full_name;
