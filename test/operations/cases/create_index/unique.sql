-- A unique index on columns and expressions: values that stand twice are counted first.
-- given
create table users (id bigint primary key, email text, tenant integer not null);
insert into users select n, 'U' || n || '@x', n % 3 from generate_series(1, 200) n;
-- change
create unique index users_email on users (tenant, lower(email)) include (id) where email is not null;
-- old client
insert into users values (1000 + :n, 'old' || :n, 1);
-- new client
insert into users values (1000 + :n, 'new' || :n, 1) on conflict (tenant, lower(email)) where email is not null do nothing;
