-- A rollback may come after any step, so what it drops may not be there.
-- expect CANNOT_PLAN
-- given
create table users (id bigint primary key);
-- change
-- migrate:expand
do $$ begin execute 'create table user_log (id bigint)'; end $$;
-- migrate:rollback
drop table user_log;
