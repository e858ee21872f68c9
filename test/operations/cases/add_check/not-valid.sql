-- A check that is written NOT VALID stays so.
-- given
create table products (id bigint primary key, price numeric);
insert into products select n, n from generate_series(1, 200) n;
-- change
alter table products add constraint price_positive check (price > 0) not valid;
