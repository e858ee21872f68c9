-- The owner has taken the right to delete from itself, and the view would delete with the owner's rights.
-- expect CANNOT_PLAN
-- given
create table people (id bigint primary key, name text);
do $$ begin execute format('revoke delete on people from %I', current_user); end $$;
-- change
-- migrate:strategy view
alter table people rename name to full_name;
