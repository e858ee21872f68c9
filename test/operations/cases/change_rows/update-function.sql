-- A function of the person's own may read the table: one statement.
-- given
create table users (id bigint primary key, place bigint);
create function place_of(bigint) returns bigint stable language sql as 'select count(*) from public.users where place is null and id < $1';
insert into users select n, null from generate_series(1, 200) as n;
-- change
update users set place = place_of(id);
