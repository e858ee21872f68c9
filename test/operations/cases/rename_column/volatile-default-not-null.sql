-- gen_random_uuid() gives another value each time, and NULL is not allowed.
-- given
create table sessions (id bigint primary key, token uuid not null default gen_random_uuid() unique, seen timestamptz not null default clock_timestamp());
insert into sessions (id, token, seen) select g, ('00000000-0000-0000-0000-' || lpad(g::text, 12, '0'))::uuid, '2024-01-01' from generate_series(1, 250) g;
-- change
alter table sessions rename column token to secret;
-- old client
insert into sessions (id) values (100000 + :n);
insert into sessions (id, token) values (10000000 + :n, md5(:n::text)::uuid);
-- new client
insert into sessions (id) values (100000 + :n);
insert into sessions (id, secret) values (10000000 + :n, md5(:n::text)::uuid);
