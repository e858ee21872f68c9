-- The server drops defaults before it sets any, whatever the order in one ALTER TABLE.
-- given
create table orders (id bigint primary key, state text default 'old', note text default 'x');
insert into orders select n from generate_series(1, 20) n;
-- change
alter table orders alter column state set default 'new', alter column note drop default, alter column state drop default;
