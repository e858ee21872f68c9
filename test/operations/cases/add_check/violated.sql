-- Rows that violate the check are counted before anything is done.
-- expect DATA_VIOLATES
-- given
create table products (id bigint primary key, price numeric(10, 2));
insert into products select n, n - 3 from generate_series(1, 200) n;
-- change
alter table products add constraint price_positive check (price > 0);
