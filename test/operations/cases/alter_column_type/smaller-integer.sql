-- A smaller integer: values that do not fit must stop it before it begins.
-- given
create table levels (id bigint primary key, level bigint not null default 3 check (level < 100000));
create index on levels (level, id);
insert into levels select g, g from generate_series(1, 250) g;
-- change
alter table levels alter column level type smallint;
