-- Rows are changed, then an index is built on a column made of them, and the index gets a comment.
-- given
create table identities (id bigint primary key, provider text not null, data jsonb not null default '{}');
insert into identities (id, provider) select n, 'email' from generate_series(1, 200) as n;
-- change
update identities set data = data || '{"email": "A"}' where data ->> 'email' is null;
-- migrate:raw -- the table is small
alter table identities add column email text generated always as (lower(data ->> 'email')) stored;
create index identities_email on identities (email text_pattern_ops);
comment on index identities_email is 'for LIKE';
-- old client
insert into identities (id, provider, data) values (1000 + :n, 'phone', '{"email": "B"}');
select data from identities where id = :r;
-- new client
select data from identities where id = :r;
