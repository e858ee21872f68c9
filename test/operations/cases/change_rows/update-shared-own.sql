-- One value for all rows that comes from the rows themselves, of several types; each row exactly once, also after a crash.
-- given
create schema shop;
create type shop.mood as enum ('sad', 'happy');
create table items (
  id bigint primary key, score int not null, at timestamptz not null, mood shop.mood, moods shop.mood[], note text
);
insert into items
select n, n, timestamptz '2024-01-01 12:34:56.789012+00' + n * interval '1 hour', (array['sad', 'happy']::shop.mood[])[n % 2 + 1], '{sad}', 'it''s ' || n
from generate_series(1, 200) as n;
-- change
update items as i
set score = score + (select max(score) from items) - (select count(*) from items as other where other.score > 100),
  at = (select min(at) from items),
  mood = (select max(mood) from items),
  moods = array(select distinct mood from items order by mood),
  note = (select note from items where id = 7) || case when exists (select from items where score > 1000) then '' else i.note end
where score > (select avg(score) / 2 from items);
-- old client
insert into items values (:n, 0, now(), 'sad', '{}', 'old');
-- new client
insert into items values (:n, 0, now(), 'sad', '{}', 'new');
