-- A NOT NULL constraint, which has a name since Postgres 18.
-- versions 18+
-- given
create table users (id bigint primary key, email text);
insert into users select n, 'u' || n from generate_series(1, 200) n;
alter table users add constraint email_known not null email not valid;
-- change
alter table users validate constraint email_known;
