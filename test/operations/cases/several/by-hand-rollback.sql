-- What only its author can take back is taken back by the rollback section, after whichever step.
-- shown in docs
-- given
create table users (id bigint primary key, status text not null, note text);
insert into users select n, case when n % 2 = 0 then 'on' else 'off' end from generate_series(1, 200) as n;
-- change
-- migrate:expand
alter table users add column old_status text;
do $$
begin
  execute format('create table %I (id bigint)', 'user_log');
end
$$;
alter table users add column seen boolean;
-- migrate:backfill
update users set old_status = status, status = upper(status) where id <= 100;
create index users_status on users (status);
-- migrate:contract
alter table users drop column note;
-- migrate:rollback
update users set status = old_status where old_status is not null;
drop table if exists user_log;
