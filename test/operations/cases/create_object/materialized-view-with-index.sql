-- A materialized view is nobody's yet, so its index is built as written.
-- given
create table orders (id bigint primary key, total_cents int not null);
insert into orders select n, n * 10 from generate_series(1, 200) as n;
-- change
create materialized view sums as select id % 10 as bucket, sum(total_cents) as cents from orders group by 1;
create unique index on sums (bucket);
