-- Before Postgres 15 a view passes row level security by, so the table is not renamed under a running application.
-- versions 14
-- expect CANNOT_PLAN
-- given
create table prices (id bigint primary key);
alter table prices enable row level security;
-- change
alter table prices rename to costs;
