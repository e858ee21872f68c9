-- A plain DROP INDEX becomes concurrent, one step per index, in contract.
-- shown in docs
-- given
create table orders (id bigint primary key, customer_id bigint, placed date);
create index by_customer on orders (customer_id);
create unique index "By Date" on orders (placed, id) where placed is not null;
insert into orders select n, n % 20, date '2024-01-01' from generate_series(1, 200) n;
-- change
drop index by_customer, "By Date";
