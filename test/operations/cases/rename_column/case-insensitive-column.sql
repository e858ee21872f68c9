-- A collation for which 'a' equals 'A': a change of case alone must reach the copy.
-- given
create collation case_insensitive (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
create table readings (id bigint primary key, label text collate case_insensitive unique);
insert into readings select g, 'L' || g from generate_series(1, 250) g;
-- change
alter table readings rename column label to title;
-- old client
update readings set label = 'a' where id = 1;
update readings set label = 'A' where id = 1;
-- new client
update readings set title = 'q' where id = 2;
update readings set title = 'Q' where id = 2;
