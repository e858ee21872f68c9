-- The referencing column may be of another type that compares with the key's.
-- given
create table customers (id bigint primary key, name text not null);
insert into customers select n, 'c' || n from generate_series(1, 200) n;
create table orders (id bigint primary key, customer integer);
insert into orders select n, n from generate_series(1, 200) n;
-- change
alter table orders add foreign key (customer) references customers;
