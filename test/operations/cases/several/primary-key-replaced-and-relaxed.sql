-- The primary key moves to another column, and the old one may be NULL from then on.
-- given
create table tokens (token text primary key, id uuid not null default gen_random_uuid(), label text);
insert into tokens (token, id) select 'token' || n, md5(n::text)::uuid from generate_series(1, 200) as n;
-- change
alter table tokens drop constraint tokens_pkey;
alter table tokens add primary key (id);
alter table tokens alter column token drop not null;
