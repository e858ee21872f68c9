-- SET at the top of a file, as pg_dump writes it.
-- given
create schema app;
create table app.users (id bigint primary key, email text not null);
insert into app.users select n, 'user' || n from generate_series(1, 200) as n;
-- change
set search_path to app;
set statement_timeout = 0;
create function shout(value text) returns text language sql immutable as $$ select upper(value) $$;
alter table users add column loud_email text;
update users set loud_email = shout(email);
reset search_path;
create table plain (id int primary key);
