-- DEFERRABLE INITIALLY DEFERRED is kept when the index becomes the constraint.
-- given
create table slots (id integer primary key, place integer not null);
insert into slots select n, n from generate_series(1, 200) n;
-- change
alter table slots add constraint slots_place unique (place) deferrable initially deferred;
-- old client
update slots set place = place where id = :r;
-- new client
insert into slots (id, place) values (1000 + :n, 1000 + :n);
