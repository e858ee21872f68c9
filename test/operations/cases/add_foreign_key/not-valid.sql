-- A foreign key that is written NOT VALID stays so.
-- given
create table customers (id bigint primary key, name text not null);
insert into customers select n, 'c' || n from generate_series(1, 200) n;
create table orders (id bigint primary key, customer_id bigint);
insert into orders select n, n + 100 from generate_series(1, 200) n;
-- change
alter table orders add foreign key (customer_id) references customers not valid;
-- old client
insert into orders (id, customer_id) values (1000 + :n, :r);
-- new client
insert into orders (id, customer_id) values (1000 + :n, :r);
