-- Renaming an index locks no table and nobody can notice; one behind a constraint waits for contract.
-- given
create table orders (id bigint primary key, customer_id bigint, constraint orders_key unique (customer_id));
create index by_customer on orders (customer_id);
insert into orders select n, n from generate_series(1, 200) n;
-- change
alter index by_customer rename to "Orders By Customer";
alter index orders_key rename to orders_customer_key;
alter index if exists no_such_index rename to any_name;
-- old client
insert into orders values (1000 + :n, 1000 + :n) on conflict on constraint orders_key do nothing;
-- new client
insert into orders values (1000 + :n, 1000 + :n);
