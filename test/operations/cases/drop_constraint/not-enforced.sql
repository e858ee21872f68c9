-- A constraint that is not enforced comes back not enforced.
-- versions 18+
-- given
create table customers (id bigint primary key);
create table products (id bigint primary key, price numeric, customer_id bigint);
insert into products select n, n - 5, n from generate_series(1, 200) n;
alter table products add constraint price_positive check (price > 0) not enforced;
alter table products add constraint products_customer foreign key (customer_id) references customers not enforced;
-- change
alter table products drop constraint price_positive, drop constraint products_customer;
