-- IF EXISTS of a constraint that is missing leaves nothing to do.
-- given
create table products (id bigint primary key, price numeric check (price > 0));
insert into products select n, n from generate_series(1, 200) n;
-- change
alter table products drop constraint if exists no_such_constraint;
alter table products drop constraint if exists products_price_check cascade;
