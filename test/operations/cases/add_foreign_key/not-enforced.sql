-- A foreign key that is NOT ENFORCED refuses nothing, so it needs no contract.
-- versions 18+
-- given
create table customers (id bigint primary key, name text not null);
insert into customers select n, 'c' || n from generate_series(1, 200) n;
create table orders (id bigint primary key, customer_id bigint);
insert into orders select n, n + 100 from generate_series(1, 200) n;
-- change
alter table orders add foreign key (customer_id) references customers not enforced;
