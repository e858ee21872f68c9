-- The statistics target that one migration sets is there when the next one changes the type.
-- given
create table visits (id bigint primary key, at timestamp not null);
insert into visits select n, timestamp '2024-01-01' + n * interval '1 hour' from generate_series(1, 200) as n;
-- change
alter table visits alter column at set statistics 50;
-- change
alter table visits alter column at type timestamptz;
