-- A generated column has no value yet when a trigger fills another one from it.
-- expect CANNOT_PLAN
-- given
create table items (id bigint primary key, price int not null, gross int generated always as (price * 2) stored);
insert into items (id, price) select n, n from generate_series(1, 200) as n;
-- change
-- migrate:using coalesce(gross, 0)
alter table items add column charged int not null;
