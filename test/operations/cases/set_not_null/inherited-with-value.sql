-- Rows of a table that inherits must be filled, too.
-- keeps data events.kind: the value that an empty kind got is not taken away again
-- keeps data old_events.kind: the value that an empty kind got is not taken away again
-- given
create table events (id bigint primary key, kind text);
create table old_events (archived date) inherits (events);
insert into events select n, case when n % 3 > 0 then 'k' || n end from generate_series(1, 200) as n;
insert into old_events select 1000 + n, case when n % 3 > 0 then 'k' || n end from generate_series(1, 200) as n;
-- change
-- migrate:using 'none'
alter table events alter column kind set not null;
-- same as
update events set kind = 'none' where kind is null;
alter table events alter column kind set not null;
-- old client
insert into old_events (id, kind) values (100000 + :n, null);
-- new client
select id, kind from events where id = :r;
