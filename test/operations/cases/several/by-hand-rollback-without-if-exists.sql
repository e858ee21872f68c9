-- A rollback may come after any step, so what it drops may not be there.
-- expect CANNOT_PLAN
-- given
create table users (id bigint primary key);
-- change
-- migrate:expand
do $$ begin execute format('create table %I (id bigint)', 'user_log'); end $$;
-- migrate:rollback
drop table user_log;
