-- A domain that only a new table has, and one that no table has.
-- given
create table users (id bigint primary key);
insert into users select n from generate_series(1, 200) as n;
create domain code as text;
-- change
create domain email as text;
create table mails (id bigint primary key, mail email);
alter domain email add check (length(value) < 100);
alter domain code add constraint short check (length(value) < 10);
alter domain code set not null;
