-- A published table: its subscribers must know the hidden column first.
-- given
create table counters (id bigint primary key, hits integer not null default 0);
create table others (id bigint primary key, hits integer);
create publication all_columns for table counters;
create publication without_hits for table others;
insert into counters select n, n from generate_series(1, 200) n;
-- change
alter table counters alter column hits type bigint;
