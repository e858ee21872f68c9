-- An index on a column that the same migration adds.
-- given
create table orders (id bigint primary key);
insert into orders select n from generate_series(1, 200) n;
-- change
alter table orders add column note text;
create index on orders (note) where note is not null;
create unique index on orders (lower(note));
-- old client
insert into orders (id) values (1000 + :n);
-- new client
insert into orders (id, note) values (1000 + :n, 'n' || :n);
