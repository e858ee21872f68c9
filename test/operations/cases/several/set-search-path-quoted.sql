-- A schema whose name must be quoted, and a way back in the middle of the file.
-- given
create schema "My App";
create table "My App".users (id bigint primary key, email text not null);
create table users (id bigint primary key, email text not null);
insert into "My App".users select n, 'user' || n from generate_series(1, 200) as n;
insert into users select n, 'user' || n from generate_series(1, 200) as n;
-- change
set search_path = "My App", public;
-- migrate:using upper(email)
alter table users add column loud_email text not null;
reset search_path;
alter table users add column quiet_email text;
-- same as
alter table "My App".users add column loud_email text;
update "My App".users set loud_email = upper(email);
alter table "My App".users alter column loud_email set not null;
alter table public.users add column quiet_email text;
