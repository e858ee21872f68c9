-- Rows for which the check comes out NULL pass it.
-- given
create table visits (id uuid primary key, started timestamptz, ended timestamptz);
insert into visits select md5(n::text)::uuid, timestamptz '2024-01-01' + n * interval '1 hour', case when n % 3 = 0 then null else timestamptz '2024-02-01' + n * interval '1 hour' end from generate_series(1, 210) n;
-- change
alter table visits add constraint visits_in_order check (ended >= started);
