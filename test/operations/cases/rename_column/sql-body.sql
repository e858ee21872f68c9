-- A function whose body the server has parsed follows the column to its new name.
-- given
create table users (id uuid primary key, name text not null);
create function name_of(who uuid) returns text language sql begin atomic select u.name from users u where id = who; end;
insert into users select md5(n::text)::uuid, 'name ' || n from generate_series(1, 200) as n;
-- change
alter table users rename name to full_name;
