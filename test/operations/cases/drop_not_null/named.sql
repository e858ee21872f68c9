-- The name of the constraint comes back with a rollback.
-- versions 18+
-- given
create table users (id bigint primary key, email text constraint email_is_there not null);
insert into users select n, 'user' || n from generate_series(1, 200) as n;
-- change
alter table users alter column email drop not null;
