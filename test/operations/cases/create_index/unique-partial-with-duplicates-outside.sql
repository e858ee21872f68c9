-- Duplicates outside of a partial index do not count.
-- given
create table users (id bigint primary key, email text, deleted boolean not null);
insert into users select n, 'u' || n / 2, n % 2 = 0 from generate_series(1, 200) n;
-- change
create unique index users_live_email on users (email) where not deleted;
-- old client
insert into users values (1000 + :n, 'old' || :n, false);
-- new client
insert into users values (1000 + :n, 'new' || :n, false);
