-- With migrate:using, rows that violate the check are repaired, also those that the old application writes.
-- keeps data products.discount: rows that violated the check have their repaired value
-- shown in docs
-- given
create table products (id bigint primary key, discount integer, name text);
insert into products select n, case when n % 10 = 0 then -n else n % 90 end, 'p' || n from generate_series(1, 200) n;
-- change
-- migrate:using 0
alter table products add constraint discount_range check (discount between 0 and 100);
-- same as
update products set discount = 0 where not (discount between 0 and 100);
alter table products add constraint discount_range check (discount between 0 and 100);
-- old client
insert into products (id, discount, name) values (1000 + :n, -1, 'old');
update products set discount = 500 where id = :r;
-- new client
insert into products (id, discount, name) values (1000 + :n, 7, 'new');
-- no rows
select id from products where discount not between 0 and 100;
