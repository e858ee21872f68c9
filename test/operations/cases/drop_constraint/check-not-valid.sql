-- A check that was not valid comes back not valid.
-- given
create table products (id bigint primary key, price numeric);
insert into products select n, n - 5 from generate_series(1, 200) n;
alter table products add constraint price_positive check (price > 0) not valid;
-- change
alter table products drop constraint price_positive;
-- old client
insert into products values (1000 + :n, 5);
-- new client
insert into products values (1000 + :n, 5);
