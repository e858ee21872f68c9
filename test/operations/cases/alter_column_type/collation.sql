-- Another collation keeps the values and rebuilds every index over them.
-- given
create table words (id bigint primary key, word text not null);
create unique index words_word_idx on words (word);
create index words_pattern_idx on words (word text_pattern_ops);
insert into words select g, 'w' || g from generate_series(1, 300) g;
-- change
alter table words alter column word type text collate "C";
-- old client
insert into words (id, word) values (100000 + :n, 'z' || :n);
