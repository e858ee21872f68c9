-- PREPARE TRANSACTION would take the record of the step along.
-- expect CANNOT_PLAN
-- given
create table users (id bigint primary key);
-- change
begin;
alter table users add column phone text;
prepare transaction 'later';
