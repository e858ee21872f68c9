-- A foreign key is checked at the end of transactions: the old application hears of an error later, so it waits.
-- given
create table users (id bigint primary key);
create table posts (id bigint primary key, author bigint constraint posts_author references users deferrable);
insert into users select n from generate_series(1, 200) as n;
insert into posts select n, n from generate_series(1, 200) as n;
-- change
alter table posts alter constraint posts_author deferrable initially deferred;
