-- CASCADE on a key that others reference is refused, with the names of what would go.
-- expect CANNOT_PLAN
-- given
create table customers (id bigint primary key);
create table orders (id bigint primary key, customer_id bigint constraint orders_customer references customers);
create table invoices (id bigint primary key, customer_id bigint references customers);
-- change
alter table customers drop constraint customers_pkey cascade;
