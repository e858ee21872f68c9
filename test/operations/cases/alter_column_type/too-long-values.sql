-- Texts that do not fit are counted and shown before anything is changed.
-- expect DATA_VIOLATES
-- given
create table tags (id bigint primary key, name varchar(100) not null);
insert into tags select g, repeat('x', g) from generate_series(1, 100) g;
-- change
alter table tags alter column name type varchar(20);
