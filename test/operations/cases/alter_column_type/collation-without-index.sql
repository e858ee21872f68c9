-- A collation of a column without an index keeps the bytes, and the plain cast in USING changes nothing about it.
-- given
create table words (id bigint primary key, word text);
insert into words select n, 'word' || n from generate_series(1, 200) as n;
-- change
alter table words alter column word type text collate "C" using word::text;
