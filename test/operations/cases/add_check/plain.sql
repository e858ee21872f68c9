-- A check on one column of a table in use is counted, added NOT VALID and validated in contract.
-- shown in docs
-- given
create table products (id bigint primary key, price numeric(10, 2), stock integer not null default 0);
insert into products select n, n * 1.5, n from generate_series(1, 200) n;
-- change
alter table products add constraint price_positive check (price > 0);
