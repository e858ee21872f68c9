-- With migrate:phase expand a unique constraint goes early, and comes back by an index built concurrently.
-- given
create table users (id bigint primary key, email text, tenant integer);
insert into users select n, 'u' || n, n % 3 from generate_series(1, 200) n;
alter table users add constraint users_email unique (tenant, email) with (fillfactor = 70) deferrable initially deferred;
comment on constraint users_email on users is 'one account each';
comment on index users_email is 'and its index';
-- change
-- migrate:phase expand
alter table users drop constraint users_email;
-- old client
insert into users values (1000 + :n, 'old' || :n, 1);
-- new client
insert into users values (1000 + :n, 'new' || :n, 1);
