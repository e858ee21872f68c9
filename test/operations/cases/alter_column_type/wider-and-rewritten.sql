-- A column that keeps its bytes and one that is written anew, changed by one statement: each goes its own way.
-- given
create table orders (id bigint primary key, note varchar(20), total bigint not null);
insert into orders select n, 'n' || n, n from generate_series(1, 200) as n;
-- change
alter table orders alter column note type varchar(40), alter column total type numeric(14,2);
