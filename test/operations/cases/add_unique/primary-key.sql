-- A primary key on columns that are NOT NULL comes in expand.
-- given
create table lines (order_id bigint not null, line_no integer not null, amount integer);
insert into lines select n / 4, n % 4, n from generate_series(1, 200) n;
-- change
alter table lines add primary key (order_id, line_no);
-- old client
insert into lines values (1000 + :n, 1, 1);
-- new client
insert into lines values (1000 + :n, 1, 2) on conflict (order_id, line_no) do nothing;
