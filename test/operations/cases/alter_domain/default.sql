-- Defaults, and less to hold to.
-- given
create domain email as text default 'nobody@x' not null check (value like '%@%');
create table users (id bigint primary key, mail email);
insert into users select n, n || '@x' from generate_series(1, 200) as n;
-- change
alter domain email set default 'someone@x';
alter domain email drop not null;
alter domain email drop constraint email_check;
