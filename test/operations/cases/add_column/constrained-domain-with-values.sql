-- A domain with a CHECK is checked for the rows that exist, whatever gives them their values.
-- expect CANNOT_PLAN
-- given
create domain label as text check (length(value) < 1000);
create table items (id bigint primary key);
insert into items select n from generate_series(1, 200) as n;
-- change
-- migrate:using 'new'
alter table items add column first_label label not null;
-- change
alter table items add column second_label label not null default 'new';
