-- ROLLBACK takes back what stands above it in the file: it cannot be left out, and is refused.
-- expect CANNOT_PLAN
-- given
create table users (id bigint primary key);
-- change
begin;
alter table users add column phone text;
rollback;
