-- Batches over a text as key, in the order that the column's collation has.
-- given
create table words (word text collate "C" not null, language text not null, uses integer, primary key (language, word));
insert into words select (array['ä', 'Z', 'a', '', ' '])[1 + n % 5] || n, (array['de', 'En', 'e'])[1 + n % 3], n % 4 from generate_series(1, 200) as n;
-- change
delete from words where uses = 0;
-- old client
insert into words values ('old' || :n, 'de', 1);
delete from words where word = 'old' || :n;
-- new client
insert into words values ('new' || :n, 'de', 2);
update words set uses = 5 where word = 'new' || :n;
