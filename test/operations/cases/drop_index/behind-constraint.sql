-- An index that stands behind a constraint goes with the constraint.
-- expect CANNOT_PLAN
-- given
create table orders (id bigint primary key, code text unique);
-- change
drop index orders_code_key;
