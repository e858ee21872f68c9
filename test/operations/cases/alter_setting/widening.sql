-- Comments, grants, storage parameters and statistics targets, each at its own lock.
-- given
do $$ begin create role case_reader; exception when duplicate_object then null; end $$;
create table users (id bigint primary key, email text not null, bio text);
create sequence numbers;
insert into users select n, 'user' || n, 'bio' from generate_series(1, 200) as n;
-- change
comment on table users is 'People';
comment on column users.email is 'Where to write to';
grant select on users to case_reader;
alter table users set (fillfactor = 70);
alter table users alter column email set statistics 500;
alter table users alter column bio set storage external;
alter table users replica identity full;
alter sequence numbers increment by 2;
alter sequence numbers owned by users.id;
