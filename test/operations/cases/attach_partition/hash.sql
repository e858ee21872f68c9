-- A hash has no bounds that one could write, but a function that knows them.
-- given
create table users (id bigint not null, name text) partition by hash (id);
create table users_0 partition of users for values with (modulus 2, remainder 0);
insert into users select n, 'u' || n from generate_series(1, 400) as n where satisfies_hash_partition('users'::regclass, 2, 0, n::bigint);
create table users_1 (id bigint not null, name text);
insert into users_1 select n, 'u' || n from generate_series(1, 400) as n where satisfies_hash_partition('users'::regclass, 2, 1, n::bigint);
-- change
alter table users attach partition users_1 for values with (modulus 2, remainder 1);
-- old client
select name from users where id = :r;
-- new client
select name from users where id = :r;
