-- Rows without a key are counted before anything is done.
-- expect DATA_VIOLATES
-- given
create table lines (order_id bigint, amount integer);
insert into lines select nullif(n, 7), n from generate_series(1, 200) n;
-- change
alter table lines add primary key (order_id);
