-- A check that was added NOT VALID earlier is validated in expand.
-- shown in docs
-- given
create table products (id bigint primary key, price numeric);
insert into products select n, n from generate_series(1, 200) n;
alter table products add constraint price_positive check (price > 0) not valid;
comment on constraint price_positive on products is 'no gifts';
-- change
alter table products validate constraint price_positive;
