-- A view cannot have row level security and privileges on single columns both.
-- versions 15+
-- expect CANNOT_PLAN
-- given
do $$ begin create role case_rename_reader; exception when duplicate_object then null; end $$;
create table prices (id bigint primary key, secret text);
alter table prices enable row level security;
grant select (id) on prices to case_rename_reader;
-- change
-- migrate:strategy view
alter table prices rename secret to note;
