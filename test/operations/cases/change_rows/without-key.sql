-- Without a key no row can be told from another: the statement runs as written, and the plan says so.
-- given
create table "Event" (at timestamptz, page text);
insert into "Event" select timestamptz '2024-01-01 00:00:00+00' + n * interval '1 minute', 'P' || n from generate_series(1, 200) as n;
-- change
update "Event" set page = lower(page);
-- old client
insert into "Event" values (now(), 'old');
-- new client
insert into "Event" values (now(), 'new');
