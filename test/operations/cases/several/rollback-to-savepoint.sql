-- ROLLBACK TO a savepoint takes back a part of the file.
-- expect CANNOT_PLAN
-- given
create table users (id bigint primary key);
-- change
begin;
savepoint a;
alter table users add column phone text;
rollback to savepoint a;
commit;
