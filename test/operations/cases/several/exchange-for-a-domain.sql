-- A new column of a domain with a check would write every row anew.
-- expect CANNOT_PLAN
-- given
create domain positive as integer check (value > 0);
create table prices (id bigint primary key, euros numeric not null);
-- change
-- migrate:using (euros * 100)::integer
ALTER TABLE prices ADD COLUMN cents positive;
-- migrate:reverse cents / 100.0
ALTER TABLE prices DROP COLUMN euros;
