-- A check is dropped in expand, and comes back NOT VALID and validated.
-- given
create table products (id bigint primary key, price numeric);
insert into products select n, n from generate_series(1, 200) n;
alter table products add constraint price_positive check (price > 0);
comment on constraint price_positive on products is 'no gifts';
-- change
alter table products drop constraint price_positive;
