-- The second migration waits for the first one's contract; so does the third, which needs what the second one does.
-- given
create table users (id bigint primary key, name text);
insert into users select n, 'name' || n from generate_series(1, 200) as n;
-- change
alter table users alter column name set not null;
-- change
alter table users alter column name drop not null;
-- change
alter table users drop column name;
