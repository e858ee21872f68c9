-- A type, a domain, a sequence, a function and a schema that nobody uses any more.
-- given
create schema old;
create type old.color as enum ('red');
create domain old.zip as text check (length(value) = 5);
create sequence old.numbers;
create function old.answer() returns int language sql as 'select 42';
create table users (id bigint primary key, email text not null);
insert into users select n, 'user' || n from generate_series(1, 200) as n;
-- change
drop function old.answer();
drop type old.color;
drop domain old.zip;
drop sequence old.numbers;
drop schema old;
