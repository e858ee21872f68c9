-- Functions, views, types and sequences get another owner, and the one they had when it is taken back.
-- given
do $$ begin create role case_owner; exception when duplicate_object then null; end $$;
create table users (id bigint primary key, name text);
insert into users select n, 'u' || n from generate_series(1, 200) as n;
create function double(n bigint) returns bigint language sql as 'select n * 2';
grant select on users to case_owner;
create view names as select id, name from users;
create type mood as enum ('good', 'bad');
create sequence numbers;
-- change
alter function double(bigint) owner to case_owner;
alter view names owner to case_owner;
alter type mood owner to case_owner;
alter sequence numbers owner to case_owner;
