-- A table that refers to itself is locked once.
-- given
create table categories (id integer primary key, parent integer);
insert into categories select n, nullif(n / 2, 0) from generate_series(1, 200) n;
-- change
alter table categories add constraint parent_exists foreign key (parent) references categories on delete restrict;
