-- Repairs rows of a published table with a text as key, under a view, a materialized view and a policy.
-- keeps data products.discount: rows that violated the check have their repaired value
-- given
create table products (code text primary key, discount integer, name text);
create view cheap as select code, discount from products where discount > 50;
create materialized view discounts as select discount, count(*) from products group by discount;
alter table products enable row level security;
create policy discounted on products using (discount is not null);
create publication products_out for table products;
insert into products select 'c' || n, case when n % 10 = 0 then -n else n % 90 end, 'p' || n from generate_series(1, 200) n;
-- change
-- migrate:using abs(discount) % 100
alter table products add constraint discount_range check (discount between 0 and 100);
-- same as
update products set discount = abs(discount) % 100 where not (discount between 0 and 100);
alter table products add constraint discount_range check (discount between 0 and 100);
-- old client
insert into products (code, discount, name) values ('old' || :n, -1, 'old');
update products set discount = 500 where code = 'c' || :r;
select code, discount from cheap;
-- new client
insert into products (code, discount, name) values ('new' || :n, 7, 'new');
select count from discounts where discount = 5;
