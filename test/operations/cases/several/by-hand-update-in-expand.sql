-- An UPDATE of many rows does not belong into expand.
-- expect CANNOT_PLAN
-- given
create table users (id bigint primary key, email text);
-- change
-- migrate:expand
update users set email = lower(email);
