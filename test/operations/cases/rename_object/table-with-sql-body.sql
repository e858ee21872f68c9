-- Functions whose body the server has parsed follow a table to its new name; the table is unlogged.
-- given
create unlogged table users (code text primary key, name text not null);
create function name_of(who text) returns text language sql begin atomic select name from users where code = who; end;
insert into users select 'u' || n, 'name ' || n from generate_series(1, 200) as n;
-- change
alter table users rename to people;
