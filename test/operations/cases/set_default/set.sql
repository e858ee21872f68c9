-- A default, where there was none and where there was another.
-- given
create table users (id bigint primary key, email text not null, role text default 'user', name text);
insert into users select n, 'user' || n, 'user', 'x' from generate_series(1, 200) as n;
-- change
alter table users alter column role set default 'member';
alter table users alter column name set default 'Anonymous';
