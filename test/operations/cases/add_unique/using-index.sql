-- USING INDEX: an index that is there becomes the constraint, under the constraint's name.
-- given
create table users (id bigint primary key, email text);
create unique index users_email_idx on users (email);
comment on index users_email_idx is 'one account each';
insert into users select n, 'u' || n from generate_series(1, 200) n;
-- change
alter table users add constraint users_email unique using index users_email_idx deferrable;
-- old client
insert into users (id, email) values (1000 + :n, 'old' || :n);
-- new client
insert into users (id, email) values (1000 + :n, 'new' || :n);
