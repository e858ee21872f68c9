-- With a random default and NULL allowed, a NULL could not be told from nothing at all.
-- expect CANNOT_PLAN
-- given
create table invitations (id bigint primary key, code uuid default gen_random_uuid());
insert into invitations select g, null from generate_series(1, 200) g;
-- change
alter table invitations rename column code to invite_code;
