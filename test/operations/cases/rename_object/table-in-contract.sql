-- migrate:phase contract renames it as written when the old application is gone.
-- given
create table orders (id bigint primary key, total integer);
insert into orders select n, n from generate_series(1, 200) n;
-- change
-- migrate:phase contract
alter table orders rename to purchases;
