-- Several tables, one after the other, each known by its name: nobody uses them yet.
-- given
create table users (id bigint primary key);
insert into users select n from generate_series(1, 200) as n;
-- change
create table pages (id bigint primary key, text text);
create table "Page Views" (page bigint, at timestamptz);
insert into pages values (1, 'a'), (2, 'b');
vacuum (full, analyze) pages, "Page Views";
