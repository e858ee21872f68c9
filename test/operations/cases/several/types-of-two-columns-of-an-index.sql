-- Two columns of one index change their types together, and one of them again: that one when both are in their places.
-- given
create table visits (id bigint not null, visitor bigint not null, at timestamp);
insert into visits select n, n, timestamp '2024-01-01' + n * interval '1 hour' from generate_series(1, 200) as n;
create index visits_of on visits (visitor, at);
-- change
alter table visits alter column at type timestamptz using (at) at time zone 'Asia/Tokyo';
alter table visits alter column visitor type integer;
alter table visits alter column visitor type text using visitor::text;
-- old client
insert into visits (id, visitor) values (1000 + :n, 1000 + :n);
-- new client
insert into visits (id, visitor) values (1000 + :n, 1000 + :n);
