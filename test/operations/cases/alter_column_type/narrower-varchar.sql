-- A text that is too long must be refused, never cut off.
-- given
create table tags (id bigint primary key, name varchar(100) not null default 'untitled', unique (name));
insert into tags select g, 'tag ' || g from generate_series(1, 300) g;
-- change
alter table tags alter column name type varchar(20);
-- old client
insert into tags (id, name) values (100000 + :n, 'more ' || :n);
