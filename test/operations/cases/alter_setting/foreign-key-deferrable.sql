-- A foreign key may be deferred: nobody who does not ask for it notices.
-- given
create table users (id bigint primary key);
create table posts (id bigint primary key, author bigint constraint posts_author references users);
insert into users select n from generate_series(1, 200) as n;
insert into posts select n, n from generate_series(1, 200) as n;
-- change
alter table posts alter constraint posts_author deferrable;
