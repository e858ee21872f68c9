-- The type of a generated column: its values are computed anew.
-- expect CANNOT_PLAN
-- given
create table boxes (id bigint primary key, side integer, area integer generated always as (side * side) stored);
-- change
alter table boxes alter column area type bigint;
