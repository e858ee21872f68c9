-- IF EXISTS: what is missing is passed over.
-- given
create table orders (id bigint primary key, customer_id bigint);
create index by_customer on orders (customer_id);
insert into orders select n, n % 20 from generate_series(1, 200) n;
-- change
drop index if exists by_customer, no_such_index;
drop index if exists none_either;
