-- given
create table sessions (id bigint primary key, token uuid not null default gen_random_uuid() unique, seen timestamptz not null default clock_timestamp());
insert into sessions (id, token, seen) select g, ('00000000-0000-0000-0000-' || lpad(g::text, 12, '0'))::uuid, '2024-01-01' from generate_series(1, 250) g;
-- change
alter table sessions rename column token to secret;
-- old client
insert into sessions (id) select max(id) + 1 from sessions;
insert into sessions (id, token) select max(id) + 1, md5(max(id)::text)::uuid from sessions;
-- new client
insert into sessions (id) select max(id) + 1 from sessions;
insert into sessions (id, secret) select max(id) + 1, md5(max(id)::text)::uuid from sessions;
