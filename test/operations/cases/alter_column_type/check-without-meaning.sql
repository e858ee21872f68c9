-- A check compares the column with a number, which has no meaning for the new type: refused in expand, before anything is made.
-- expect STEP_FAILED
-- given
create table orders (id bigint primary key, code integer, constraint code_is_short check (code < 1000000));
insert into orders select n, n from generate_series(1, 200) as n;
-- change
alter table orders alter column code type text;
