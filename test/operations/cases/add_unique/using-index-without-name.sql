-- USING INDEX without a name: the constraint is called like the index.
-- given
create table users (id bigint primary key, tenant integer, email text);
create unique index "Tenant Email" on users (tenant, email) include (id);
insert into users select n, n % 3, 'u' || n from generate_series(1, 200) n;
-- change
alter table users add unique using index "Tenant Email";
-- old client
insert into users (id, tenant, email) values (1000 + :n, 1, 'old' || :n);
-- new client
insert into users (id, tenant, email) values (1000 + :n, 2, 'new' || :n);
