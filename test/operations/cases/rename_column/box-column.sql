-- Boxes are equal when their areas are: the copy must follow the bytes, not the equality.
-- given
create table readings (id bigint primary key, area box);
insert into readings select g, box(point(0, 0), point(g, 1)) from generate_series(1, 250) g;
-- change
alter table readings rename column area to surface;
-- old client
update readings set area = box(point(0,0), point(2,2)) where id = 1;
update readings set area = box(point(0,0), point(4,1)) where id = 1;
-- new client
update readings set surface = box(point(0,0), point(2,2)) where id = 2;
update readings set surface = box(point(0,0), point(4,1)) where id = 2;
