-- CASCADE on a key that nothing leans on is left out.
-- given
create table customers (id bigint primary key, code text unique);
insert into customers select n, 'c' || n from generate_series(1, 200) n;
-- change
alter table customers drop constraint customers_code_key cascade;
-- old client
insert into customers values (1000 + :n, 'old' || :n);
-- new client
insert into customers values (1000 + :n, 'new' || :n);
