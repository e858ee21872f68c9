-- A list of values in the statement itself.
-- given
create table products (id bigint primary key, price int not null);
insert into products select n, n from generate_series(1, 200) as n;
-- change
update products set price = v.price from (values (1, 100), (2, 200), (150, 300)) as v (id, price) where v.id = products.id;
