-- A later migration extends the table under its new name, without waiting for the contract of the rename.
-- given
create table orders (id bigint primary key, total integer);
insert into orders select n, n from generate_series(1, 200) n;
-- change
alter table orders rename to purchases;
-- change
alter table purchases add column note text;
alter table purchases add constraint positive check (total > 0) not valid;
-- old client
insert into orders values (1000000 + :n, 1);
-- new client
insert into purchases (id, total, note) values (2000000 + :n, 1, 'new');
