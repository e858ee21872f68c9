-- All indexes of a table whose name must be quoted, in a schema off the search path.
-- given
create schema shop;
create table shop."Order Lines" (id bigint primary key, name text);
create index "By Name" on shop."Order Lines" (name);
insert into shop."Order Lines" select n, 'u' || n from generate_series(1, 200) as n;
-- change
reindex table shop."Order Lines";
