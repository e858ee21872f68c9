-- A check that the old application's rows violate waits for contract, also on a new column.
-- given
create table products (id bigint primary key, name text);
-- change
alter table products add column weight integer;
alter table products add constraint weight_known check (weight is not null);
-- old client
select count(*) from products;
-- new client
insert into products (id, name, weight) values (1000 + :n, 'new', 3);
