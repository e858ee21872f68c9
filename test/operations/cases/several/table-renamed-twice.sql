-- The second rename of a table waits for the first one, and needs no view of its own then.
-- given
create table a (id bigint primary key, text text);
insert into a select n, 'c' from generate_series(1, 200) n;
-- change
alter table a rename to b;
alter table b rename to c;
