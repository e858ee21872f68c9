-- Nothing is scanned for a constraint that is valid.
-- given
create table products (id bigint primary key, price numeric constraint price_positive check (price > 0));
insert into products select n, n from generate_series(1, 200) n;
-- change
alter table products validate constraint price_positive;
