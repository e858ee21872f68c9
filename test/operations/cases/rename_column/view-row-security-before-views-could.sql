-- Before Postgres 15 a view passes row level security by.
-- versions 14
-- expect CANNOT_PLAN
-- given
create table prices (id bigint primary key, price numeric);
alter table prices enable row level security;
-- change
-- migrate:strategy view
alter table prices rename price to amount;
