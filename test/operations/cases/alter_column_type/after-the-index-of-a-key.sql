-- Of each key a column goes, or the key itself, and only then another collation keeps the bytes of what is left.
-- given
create table rooms (house text not null, room text not null, floor int, primary key (house, room));
create table seats (place text constraint seats_place unique, n int);
insert into rooms select 'h' || n % 9, 'r' || n, n % 4 from generate_series(1, 200) as n;
insert into seats select 'p' || n, n from generate_series(1, 200) as n;
-- change
alter table rooms drop column house;
alter table rooms alter column room type text collate "C";
-- change
alter table seats drop constraint seats_place;
alter table seats alter column place type text collate "C";
