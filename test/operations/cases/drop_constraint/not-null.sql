-- A NOT NULL constraint by its name, which it has since Postgres 18.
-- versions 18+
-- given
create table users (id bigint primary key, email text constraint email_known not null);
insert into users select n, 'u' || n from generate_series(1, 200) n;
comment on constraint email_known on users is 'we write to them';
-- change
alter table users drop constraint email_known;
-- old client
insert into users values (1000 + :n, 'old' || :n);
-- new client
insert into users values (1000 + :n, 'new' || :n);
