-- Types, domains, enum labels, attributes and functions, renamed and moved.
-- given
create schema shared;
create type mood as enum ('sad', 'ok');
create domain email as text constraint has_at check (value like '%@%');
create type point3 as (x integer, y integer, z integer);
create function total(integer, integer) returns integer language sql immutable as 'select $1 + $2';
create function total(text) returns text language sql immutable as 'select $1';
create table people (id bigint primary key, feels mood default 'ok', mail email, moods mood[]);
insert into people select n, 'ok', n || '@x', array['sad', 'ok']::mood[] from generate_series(1, 200) n;
-- change
alter type mood rename value 'ok' to 'fine';
alter type mood rename to feeling;
alter domain email rename constraint has_at to email_has_at;
alter domain email set schema shared;
alter type point3 rename attribute x to lon;
alter function total(integer, integer) rename to sum_of;
alter function total(text) set schema shared;
-- old client
select id from people where id = :r;
-- new client
select id from people where id = :r;
