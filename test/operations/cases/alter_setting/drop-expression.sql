-- A generated column becomes a plain one: the old application counts on its expression until contract.
-- given
create table lines (id bigint primary key, price int, total int generated always as (price * 2) stored);
insert into lines (id, price) select n, n from generate_series(1, 200) as n;
-- change
alter table lines alter column total drop expression;
-- new client
select total from lines where id = :r;

