-- Constraints of each kind are renamed in contract, with their indexes.
-- shown in docs
-- given
create table customers (id bigint primary key);
create table orders (id bigint constraint orders_id primary key, customer_id bigint constraint to_customer references customers, code text constraint one_code unique, total integer constraint positive check (total > 0));
insert into orders select n, null, 'c' || n, n from generate_series(1, 200) n;
-- change
alter table orders rename constraint orders_id to "Orders Key";
alter table orders rename constraint to_customer to orders_customer_fkey;
alter table orders rename constraint one_code to orders_code_key;
alter table orders rename constraint positive to orders_total_check;
-- old client
insert into orders values (1000 + :n, null, 'old' || :n, 1) on conflict on constraint one_code do nothing;
-- new client
insert into orders values (1000 + :n, null, 'new' || :n, 1) on conflict (code) do nothing;
