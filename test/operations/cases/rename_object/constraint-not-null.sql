-- A NOT NULL constraint, which has a name since Postgres 18.
-- versions 18+
-- given
create table users (id bigint primary key, email text constraint email_known not null);
insert into users select n, 'u' || n from generate_series(1, 200) n;
-- change
alter table users rename constraint email_known to users_email_not_null;
