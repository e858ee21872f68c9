-- A column's index goes with it, and the next one chooses the name that becomes free, on each partition.
-- given
create table visits (id bigint not null, at timestamptz) partition by hash (id);
create table visits_0 partition of visits for values with (modulus 2, remainder 0);
create table visits_1 partition of visits for values with (modulus 2, remainder 1);
create index visits_covering on visits (id) include (at);
create index on visits_0 (at);
insert into visits select n, timestamptz '2024-01-01' + n * interval '1 hour' from generate_series(1, 200) as n;
-- change
alter table visits drop column at;
create index visits_id on visits (id);
