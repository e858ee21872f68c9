-- A check that is NOT ENFORCED refuses nothing, so it needs no contract.
-- versions 18+
-- given
create table products (id bigint primary key, price numeric);
insert into products select n, n - 3 from generate_series(1, 200) n;
-- change
alter table products add constraint price_positive check (price > 0) not enforced;
