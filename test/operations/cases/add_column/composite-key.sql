-- The rows of a table with a key of several columns are filled in batches too.
-- given
create table memberships (team text, user_id bigint, role text not null, primary key (team, user_id));
insert into memberships select 'team' || n % 7, n, case when n % 2 = 0 then 'admin' else 'member' end from generate_series(1, 200) as n;
-- change
-- migrate:using role = 'admin'
alter table memberships add column is_admin boolean not null;
-- same as
alter table memberships add column is_admin boolean;
update memberships set is_admin = (role = 'admin');
alter table memberships alter column is_admin set not null;
