-- An index that is in its tablespace already: nothing is moved, and nobody waits.
-- given
create table users (id bigint primary key, name text);
create index users_name on users (name);
insert into users select n, 'u' || n from generate_series(1, 200) as n;
-- change
alter index users_name set tablespace pg_default;
