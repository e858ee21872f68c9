-- What an index definition does not say comes back with a rollback, too: comment, clustering, storage parameters.
-- given
create table orders (id bigint primary key, customer_id bigint);
create index by_customer on orders (customer_id) with (fillfactor = 60);
comment on index by_customer is 'for the monthly report';
alter table orders cluster on by_customer;
insert into orders select n, n % 20 from generate_series(1, 200) n;
-- change
-- migrate:phase expand
drop index by_customer;
