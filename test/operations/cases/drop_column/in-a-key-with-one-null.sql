-- With NULLS NOT DISTINCT the key takes one row without a value, so a version that leaves it out waits for contract.
-- versions 15+
-- given
create table orders (id bigint primary key, code integer, note text);
create unique index orders_code on orders (code) nulls not distinct;
insert into orders select n, n, 'x' from generate_series(1, 60) n;
-- change
alter table orders drop column code;
