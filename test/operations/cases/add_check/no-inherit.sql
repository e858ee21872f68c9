-- NO INHERIT: the tables below do not get the check and may violate it.
-- given
create table events (id bigint, kind text);
create table archived_events (archived date) inherits (events);
insert into events select n, 'open' from generate_series(1, 200) n;
insert into archived_events select n, 'closed', date '2024-01-01' from generate_series(1, 200) n;
-- change
alter table events add constraint not_closed check (kind <> 'closed') no inherit;
-- old client
insert into events (id, kind) values (1000 + :n, 'open');
-- new client
insert into archived_events (id, kind) values (1000 + :n, 'closed');
