-- A view over a column goes with a migration that waits itself: until it is done, no other column can take the place.
-- given
create table orders (id integer primary key, total numeric(12,2) not null, note text);
create view totals as select id, total from orders;
create table notes (id integer primary key, body text);
insert into orders select n, n * 1.25, 'n' || n from generate_series(1, 200) as n;
insert into notes select n, 'b' || n from generate_series(1, 200) as n;
-- change
alter table notes rename column body to words;
-- change
-- migrate:using 'none'
alter table notes alter column words set not null;
drop view totals;
-- change
alter table orders alter column total type numeric(16,4);
