-- The index that is the replica identity is over the column, in a table without a primary key.
-- given
create table feeds (id integer not null, source integer not null, title text);
create unique index feeds_key on feeds (id, source);
alter table feeds replica identity using index feeds_key;
insert into feeds select g, 1, 't' from generate_series(1, 250) g;
-- change
alter table feeds alter column id type bigint;
