-- 1.0 equals 1.00, but it is another number to whoever reads it.
-- given
create table readings (id bigint primary key, amount numeric);
insert into readings select g, g / 10.0 from generate_series(1, 250) g;
-- change
alter table readings rename column amount to quantity;
-- old client
update readings set amount = 1.0 where id = 1;
update readings set amount = 1.00 where id = 1;
-- new client
update readings set quantity = 1.0 where id = 2;
update readings set quantity = 1.000 where id = 2;
