-- NULLS NOT DISTINCT: one NULL at most.
-- versions 15+
-- given
create table seats (id uuid primary key, place text);
insert into seats select md5(n::text)::uuid, case when n = 1 then null else 'p' || n end from generate_series(1, 200) n;
-- change
alter table seats add constraint one_place unique nulls not distinct (place);
-- old client
update seats set place = place where id = md5(:r::text)::uuid;
-- new client
insert into seats (id, place) values (md5('n' || :n)::uuid, 'n' || :n);
