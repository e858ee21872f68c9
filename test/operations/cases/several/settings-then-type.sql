-- What is said of a column above its change of type in the same file is carried over, too.
-- given
create table users (id uuid primary key, age integer);
insert into users select md5(n::text)::uuid, n from generate_series(1, 200) as n;
-- change
comment on column users.age is 'full years';
grant select (age), update (age) on users to pg_monitor;
alter table users alter column age set statistics 50;
alter table users alter column age set default 1;
alter table users alter column age type bigint;
