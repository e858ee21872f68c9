-- What stands over a column whose type changes, dropped or changed below it: it must not come back with the swap.
-- given
create table parents (id integer primary key, size integer, constraint small check (size < 100000), constraint odd check (size is not null or id > 0));
create index parents_size on parents (size);
create table children (id bigint primary key, parent integer constraint of_parent references parents);
insert into parents select n, n from generate_series(1, 200) n;
insert into children select n, n from generate_series(1, 200) n;
-- change
alter table parents alter size type bigint;
alter table parents drop constraint small;
drop index parents_size;
alter table parents alter id type bigint;
alter table children drop constraint of_parent;
alter table parents rename constraint odd to even;
