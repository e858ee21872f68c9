-- A statement that no transaction takes.
-- given
create table users (id bigint primary key, email text not null);
insert into users select n, 'user' || n from generate_series(1, 200) as n;
-- change
vacuum users;
reindex table concurrently users;
