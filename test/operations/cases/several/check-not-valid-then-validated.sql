-- VALIDATE CONSTRAINT waits for the check that it is about.
-- given
create table products (id bigint primary key, price numeric);
insert into products select n, n from generate_series(1, 200) n;
-- change
alter table products add constraint price_positive check (price > 0) not valid;
alter table products validate constraint price_positive;
