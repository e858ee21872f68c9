-- What a table gets below its rename is there from expand on, for the new version; what takes something away waits.
-- given
create table customers (id bigint primary key);
create table orders (id bigint primary key, customer bigint, total integer, legacy text);
insert into customers select n from generate_series(1, 50) n;
insert into orders select n, n % 50 + 1, n, 'x' from generate_series(1, 200) n;
-- change
alter table orders rename to purchases;
alter table purchases add column note text;
alter table purchases add column token uuid not null default gen_random_uuid();
create table purchase_lines (purchase bigint references purchases on delete cascade, line integer);
create index purchases_customer on purchases (customer);
alter table purchases add foreign key (customer) references customers;
alter table purchases drop column legacy;
alter table purchases rename column total to amount;
