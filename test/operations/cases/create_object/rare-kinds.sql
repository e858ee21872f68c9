-- Kinds of objects that few people make: nobody uses any of them yet.
-- given
create table users (id bigint primary key);
insert into users select n from generate_series(1, 200) as n;
create function shout() returns event_trigger language plpgsql as 'begin null; end';
-- change
create collation plain (locale = 'C');
create event trigger case_shout on sql_drop execute function shout();
