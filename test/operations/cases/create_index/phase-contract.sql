-- migrate:phase contract moves it.
-- given
create table orders (id bigint primary key, customer_id bigint);
insert into orders select n, n % 20 from generate_series(1, 200) n;
-- change
-- migrate:phase contract
create index on orders (customer_id);
