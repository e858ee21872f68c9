-- A unique constraint is not inherited: duplicates in tables below do not count.
-- given
create table events (id bigint not null, kind text);
create table old_events (closed date) inherits (events);
insert into events select n, 'x' from generate_series(1, 200) n;
insert into old_events select n, 'x', date '2020-01-01' from generate_series(1, 200) n;
-- change
alter table events add unique (id);
-- old client
insert into old_events (id, kind) values (1, 'old');
-- new client
insert into events (id, kind) values (1000 + :n, 'new');
