-- A unique index that a foreign key leans on is not dropped, not even with CASCADE.
-- expect CANNOT_PLAN
-- given
create table customers (id bigint primary key, code text);
create unique index customers_code on customers (code);
create table orders (id bigint primary key, customer text references customers (code));
-- change
drop index customers_code cascade;
