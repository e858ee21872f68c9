-- What cannot be in a transaction is taken out of the person's own, with a note.
-- given
create table users (id bigint primary key, email text, phone text);
create index users_phone on users (phone);
insert into users select n, 'user' || n from generate_series(1, 200) as n;
-- change
begin;
alter table users add column name text;
create index concurrently users_email on users (email);
drop index concurrently users_phone;
commit;
-- same as
alter table users add column name text;
create index concurrently users_email on users (email);
drop index concurrently users_phone;
