-- A table under a view, a materialized view, a policy and a publication, with a moment as key; NULLs are equal.
-- versions 15+
-- given
create table visits (at timestamptz primary key, guest text, room integer);
create view guests as select guest, room from visits;
create materialized view rooms as select room, count(*) from visits group by room;
alter table visits enable row level security;
create policy in_room on visits using (room is not null or guest is null);
create publication visits_out for table visits (at, guest, room);
insert into visits select timestamptz '2024-01-01 00:00:00+00' + n * interval '1 minute', nullif('g' || n, 'g7'), n from generate_series(1, 200) as n;
-- change
alter table visits add constraint one_guest unique nulls not distinct (guest);
