-- A composite foreign key of a table to itself has the column on both sides.
-- given
create table nodes (tenant integer not null, id integer not null, parent integer, primary key (tenant, id), foreign key (tenant, parent) references nodes (tenant, id));
insert into nodes select 1, g, nullif(g / 2, 0) from generate_series(1, 300) g;
-- change
alter table nodes alter column tenant type bigint;
