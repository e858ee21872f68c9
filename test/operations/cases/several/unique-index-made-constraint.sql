-- The safe path as people write it by hand stays as it is.
-- given
create table users (id bigint primary key, email text);
insert into users select n, 'u' || n from generate_series(1, 200) n;
-- change
create unique index concurrently users_email on users (email);
alter table users add constraint users_email_key unique using index users_email;
-- old client
insert into users (id, email) values (1000 + :n, 'old' || :n);
-- new client
insert into users (id, email) values (1000 + :n, 'new' || :n);
