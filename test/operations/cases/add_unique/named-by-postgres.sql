-- Without a name it is called by its columns, those of INCLUDE too, with a number where a relation has that name.
-- given
create table users (id bigint primary key, tenant integer not null, email text, name text);
create table users_tenant_email_key (id integer);
insert into users select n, n % 5, case when n % 10 = 0 then null else 'u' || n end, 'name' from generate_series(1, 200) n;
-- change
alter table users add unique (tenant, email), add unique (email, tenant) include (name);
-- old client
insert into users (id, tenant, email) values (1000 + :n, 1, 'old' || :n);
-- new client
insert into users (id, tenant, email) values (1000 + :n, 1, 'new' || :n);
