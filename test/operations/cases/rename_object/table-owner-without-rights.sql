-- The owner has taken the right to change rows from itself, and the view would write with the owner's rights.
-- expect CANNOT_PLAN
-- given
create table orders (id bigint primary key, total integer);
do $$ begin execute format('revoke update on orders from %I', current_user); end $$;
-- change
alter table orders rename to purchases;
