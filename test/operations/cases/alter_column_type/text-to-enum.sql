-- A text becomes an enum, with USING.
-- given
create type mood as enum ('sad', 'ok', 'happy');
create table people (id bigint primary key, mood text not null);
create index people_mood_idx on people (mood);
insert into people select g, (array['sad', 'ok', 'happy'])[g % 3 + 1] from generate_series(1, 300) g;
-- change
alter table people alter column mood type mood using mood::mood;
-- old client
insert into people (id, mood) values (100000 + :n, 'ok');
update people set mood = 'happy' where id = 1;
