-- migrate:phase expand brings the check early, for an old application that keeps to it already.
-- given
create table products (id bigint primary key, price integer);
insert into products select n, n from generate_series(1, 200) n;
-- change
-- migrate:phase expand
alter table products add constraint price_positive check (price > 0);
-- old client
insert into products (id, price) values (1000 + :n, 3);
-- new client
insert into products (id, price) values (1000 + :n, 4);
