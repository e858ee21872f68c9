-- A unique constraint waits for contract: the old application may say ON CONFLICT.
-- shown in docs
-- given
create table users (id bigint primary key, email text, name text);
insert into users select n, 'u' || n, 'x' from generate_series(1, 200) n;
alter table users add constraint users_email unique (email) include (name) deferrable;
-- change
alter table users drop constraint users_email;
-- old client
insert into users values (1000 + :n, 'old' || :n, 'x');
-- new client
insert into users values (1000 + :n, 'new' || :n, 'x');
