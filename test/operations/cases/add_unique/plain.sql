-- A unique constraint: duplicates are counted, the index is built concurrently and becomes the constraint.
-- shown in docs
-- given
create table users (id bigint primary key, email text);
insert into users select n, 'u' || n from generate_series(1, 200) n;
-- change
alter table users add constraint users_email unique (email);
-- old client
insert into users (id, email) values (1000 + :n, 'old' || :n);
-- new client
insert into users (id, email) values (1000 + :n, 'new' || :n) on conflict (email) do update set email = excluded.email;
