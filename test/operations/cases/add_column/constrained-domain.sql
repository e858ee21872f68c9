-- A domain with a check writes every row, even without a default.
-- expect CANNOT_PLAN
-- given
create domain positive as int check (value > 0);
create table items (id bigint primary key);
insert into items select n from generate_series(1, 200) as n;
-- change
alter table items add column quantity positive;
