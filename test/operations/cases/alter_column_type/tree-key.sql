-- The key of a tree: a foreign key of the table points to the same table.
-- given
create table folders (id integer primary key, parent integer references folders (id), name text);
create index on folders (parent);
insert into folders select g, nullif(g / 2, 0), 'f' from generate_series(1, 300) g;
-- change
alter table folders alter column id type bigint;
