-- A required column is copied by an UPDATE and then dropped: it stays required until the UPDATE has read all rows, so the
-- new version can insert rows only when backfill is done, and the plan says so.
-- given
create table users (id bigint primary key, name text not null);
insert into users select n, 'Name ' || n from generate_series(1, 200) as n;
-- change
alter table users add column label text;
update users set label = upper(name);
alter table users drop column name;
