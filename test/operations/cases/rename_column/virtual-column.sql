-- A virtual column has nothing to keep in step: the copy is generated likewise.
-- versions 18+
-- given
create table boxes (id bigint primary key, width integer not null, height integer not null, area integer generated always as (width * height) virtual);
insert into boxes select g, g, g % 5 from generate_series(1, 300) g;
-- change
alter table boxes rename column area to surface;
-- old client
select area from boxes where id = 1;
-- new client
select surface from boxes where id = 1;
