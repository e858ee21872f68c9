-- What takes rights away waits until the old version is gone.
-- shown in docs
-- given
do $$ begin create role case_reader; exception when duplicate_object then null; end $$;
create table users (id bigint primary key, email text not null);
grant select, insert on users to case_reader;
create policy everybody on users using (true);
insert into users select n, 'user' || n from generate_series(1, 200) as n;
-- change
revoke insert on users from case_reader;
alter table users enable row level security;
