-- Postgres converts a text to a number only when it is told how.
-- expect CANNOT_PLAN
-- given
create table parts (id bigint primary key, size text);
insert into parts select g, g::text from generate_series(1, 200) g;
-- change
alter table parts alter column size type integer;
