-- A stored generated column: its copy is computed by a trigger and never written by anybody.
-- given
create table lines (id bigint primary key, price integer not null, quantity integer not null, total integer generated always as (price * quantity) stored);
create index on lines (total);
insert into lines select g, g, g % 5 from generate_series(1, 300) g;
-- change
alter table lines rename column total to amount;
-- old client
insert into lines (id, price, quantity) values (100000 + :n, 3, 4);
update lines set price = price + 1 where id = 1;
-- new client
insert into lines (id, price, quantity) values (100000 + :n, 5, 6);
update lines set quantity = quantity + 1 where id = 2;
