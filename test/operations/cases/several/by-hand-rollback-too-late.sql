-- The rollback section runs after all that came behind the first statement it is for was taken back.
-- expect CANNOT_PLAN
-- given
create table users (id bigint primary key, status text);
-- change
-- migrate:backfill
update users set status = upper(status);
alter table users add column checked boolean;
-- migrate:rollback
update users set checked = false, status = lower(status);
