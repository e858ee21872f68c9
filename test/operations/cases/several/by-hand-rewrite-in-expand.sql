-- A change of type writes every row anew: not in expand, and not in one section.
-- expect CANNOT_PLAN
-- given
create table users (id integer primary key, visits integer);
-- change
-- migrate:expand
alter table users alter column visits type bigint;
