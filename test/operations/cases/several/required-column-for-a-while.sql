-- A column is added, used and dropped in one file: no row needs a value in it at any time.
-- given
create table orders (id bigint primary key, total integer not null, cents bigint);
insert into orders select n, n from generate_series(1, 60) n;
-- change
-- migrate:using total * 100
alter table orders add column scratch bigint not null;
update orders set cents = scratch where cents is null;
alter table orders drop column scratch;
-- same as
alter table orders add column scratch bigint;
update orders set scratch = total * 100;
update orders set cents = scratch where cents is null;
alter table orders drop column scratch;
