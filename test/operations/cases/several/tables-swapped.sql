-- Two tables change names: no name can mean both for a while, so it happens in contract, and the plan says so.
-- given
create table current (id bigint primary key, text text);
create table next (id bigint primary key, text text, more integer);
insert into current select n, 'c' from generate_series(1, 200) n;
insert into next select n, 'n', n from generate_series(1, 100) n;
-- change
alter table current rename to previous;
alter table next rename to current;
alter table previous rename to next;
