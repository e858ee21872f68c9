-- NULLS NOT DISTINCT: two NULLs are duplicates.
-- versions 15+
-- expect DATA_VIOLATES
-- given
create table seats (id uuid primary key, place text);
insert into seats select md5(n::text)::uuid, case when n % 50 = 1 then null else 'p' || n end from generate_series(1, 200) n;
-- change
alter table seats add unique nulls not distinct (place);
