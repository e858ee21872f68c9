-- What is said of a column below its change of type holds behind the swap, and nobody takes it for somebody else's doing.
-- given
create table users (id uuid primary key, age integer default 1);
comment on column users.age is 'years';
insert into users select md5(n::text)::uuid, n from generate_series(1, 200) as n;
-- change
alter table users alter column age type bigint;
comment on column users.age is 'full years';
grant select (age) on users to pg_monitor;
alter table users alter column age set statistics 50;
