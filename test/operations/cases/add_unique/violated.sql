-- Values that stand in several rows are shown before an index is built.
-- expect DATA_VIOLATES
-- given
create table users (id bigint primary key, email text, "Tenant" integer);
insert into users select n, 'u' || n % 150, n % 3 from generate_series(1, 200) n;
-- change
alter table users add unique (email, "Tenant");
