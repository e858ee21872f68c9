-- Rows that the check refuses with their new values are counted in expand, before anything is made.
-- expect DATA_VIOLATES
-- given
create table orders (id bigint primary key, total numeric(8,3), constraint total_is_small check (total < 100));
insert into orders select n, n * 0.4998 from generate_series(1, 200) as n;
insert into orders values (201, 99.996);
-- change
alter table orders alter column total type numeric(8,2) using round(total, 2);
