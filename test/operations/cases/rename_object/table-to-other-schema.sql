-- SET SCHEMA: the table moves with its indexes and sequences, and a view stays behind.
-- given
create schema archive;
create table events (id bigserial primary key, kind text default 'x');
create index on events (kind);
create table event_notes (event_id bigint references events, note text);
insert into events (kind) select 'k' || n from generate_series(1, 200) n;
-- change
alter table events set schema archive;
-- old client
insert into events (kind) values ('old' || :n);
update events set kind = 'y' where id = :r;
-- new client
insert into archive.events (kind) values ('new' || :n);
