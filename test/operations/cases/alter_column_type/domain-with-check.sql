-- A column of a domain with a constraint cannot be added without writing the whole table.
-- expect CANNOT_PLAN
-- given
create domain positive as integer check (value > 0);
create table stock (id bigint primary key, amount integer not null);
insert into stock select g, g from generate_series(1, 200) g;
-- change
alter table stock alter column amount type positive;
