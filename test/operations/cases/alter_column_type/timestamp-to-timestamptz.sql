-- A time without zone is declared to have been UTC; its index is BRIN.
-- given
create table visits (id bigint primary key, at timestamp not null default now());
create index visits_at_idx on visits using brin (at);
insert into visits select g, timestamp '2024-01-01' + g * interval '1 hour' from generate_series(1, 300) g;
-- change
alter table visits alter column at type timestamptz using at at time zone 'UTC';
-- old client
insert into visits (id) values (100000 + :n);
