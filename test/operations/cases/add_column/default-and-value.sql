-- A default and another value for the rows that exist: one of the two must go.
-- expect CANNOT_PLAN
-- given
create table users (id bigint primary key);
-- change
-- migrate:using 'old'
alter table users add column origin text default 'new';
