-- A domain becomes its base type: only the label on the values changes.
-- given
create domain email as text check (value like '%@%');
create table users (id bigint primary key, email email not null unique);
insert into users select g, g || '@x' from generate_series(1, 250) g;
-- change
alter table users alter column email type text;
