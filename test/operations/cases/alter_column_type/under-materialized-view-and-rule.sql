-- A materialized view, a rule of the table and a rule of another one are named.
-- expect CANNOT_PLAN
-- given
create table stock (id bigint primary key, held integer);
create table log (held integer);
create materialized view held as select sum(held) from stock;
create rule keep as on update to stock where new.held < 0 do instead nothing;
create rule count_stock as on insert to log do also update stock set held = held + 1 where id = 1;
-- change
alter table stock alter column held type bigint;
