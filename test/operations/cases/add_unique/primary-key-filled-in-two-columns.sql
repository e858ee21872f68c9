-- One value cannot fill two columns.
-- expect CANNOT_PLAN
-- given
create table lines (order_id bigint, line_no integer);
insert into lines select n, n % 4 from generate_series(1, 200) n;
-- change
-- migrate:using 0
alter table lines add primary key (order_id, line_no);
