-- Heirs lose what they have inherited, and keep what they have of their own.
-- given
create table events (id bigint primary key, kind text not null, note text);
create table paid_events (price integer) inherits (events);
create table old_events (kind text not null) inherits (events);
insert into events select n, 'k' || n from generate_series(1, 200) as n;
insert into paid_events select 1000 + n, 'k' || 1000 + n, null, n from generate_series(1, 50) as n;
insert into old_events select 2000 + n, 'k' || 2000 + n from generate_series(1, 50) as n;
-- change
-- migrate:reverse 'k' || id
alter table events drop column kind;
-- old client
insert into events (id, kind) values (100000 + :n, 'k' || 100000 + :n);
insert into paid_events (id, kind, price) values (100000 + :n, 'k' || 100000 + :n, 1);
update old_events set note = 'seen' where id = 2000 + :r;
select id, kind from events where id = :r;
-- new client
insert into events (id) values (200000 + :n);
insert into paid_events (id, price) values (200000 + :n, 1);
insert into old_events (id, kind) values (200000 + :n, 'k' || 200000 + :n);
select id, note from events where id = :r;
