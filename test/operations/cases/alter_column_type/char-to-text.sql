-- The blanks at the end of a character(n) are not part of its text.
-- given
create table countries (id bigint primary key, code char(5) not null unique, name text);
insert into countries select g, g::text, 'n' from generate_series(1, 250) g;
-- change
alter table countries alter column code type text;
