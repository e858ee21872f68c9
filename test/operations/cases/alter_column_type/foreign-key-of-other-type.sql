-- A foreign key cannot compare a uuid with a text: both columns must change together.
-- expect CANNOT_PLAN
-- given
create table accounts (id text primary key);
create table payments (id bigint primary key, account text not null references accounts);
insert into accounts select md5(g::text) from generate_series(1, 200) g;
insert into payments select g, md5(g::text) from generate_series(1, 200) g;
-- change
alter table accounts alter column id type uuid using id::uuid;
