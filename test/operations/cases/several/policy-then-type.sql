-- A policy that is made above it uses the column, so its type cannot change: said before anything runs.
-- expect CANNOT_PLAN
-- given
create table visits (id bigint primary key, at timestamp not null);
-- change
create policy seen on visits using (at is not null);
alter table visits alter column at type timestamptz;
