-- Orphans are counted and shown before anything is locked.
-- expect DATA_VIOLATES
-- given
create table customers (id bigint primary key, name text not null);
insert into customers select n, 'c' || n from generate_series(1, 200) n;
create table orders (id uuid primary key, customer_id bigint);
insert into orders select md5(n::text)::uuid, n from generate_series(1, 210) n;
-- change
alter table orders add foreign key (customer_id) references customers;
