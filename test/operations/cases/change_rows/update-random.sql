-- A random value for each row is the same thing in batches.
-- given
create table users (id bigint primary key, email text not null, token uuid);
insert into users select n, 'user' || n, null from generate_series(1, 200) as n;
-- change
update users set token = gen_random_uuid() where token is null;
