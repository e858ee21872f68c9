-- A check behind the UPDATE that makes the rows fit it comes after that.
-- keeps data products.price: the migration's own UPDATE changes it
-- given
create table products (id bigint primary key, price integer);
insert into products select n, n - 20 from generate_series(1, 200) n;
-- change
update products set price = 0 where price < 0;
alter table products add constraint price_positive check (price >= 0);
-- old client
select * from products where id = :r;
-- new client
insert into products (id, price) values (1000 + :n, 3);
