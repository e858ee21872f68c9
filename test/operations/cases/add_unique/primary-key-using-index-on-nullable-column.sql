-- A primary key from an index on a nullable column: NOT NULL first, without a scan under the lock.
-- given
create table lines (id bigint, amount integer);
create unique index lines_id on lines (id);
insert into lines select n, n from generate_series(1, 200) n;
-- change
alter table lines add primary key using index lines_id;
-- old client
insert into lines values (1000 + :n, 1);
-- new client
insert into lines values (1000 + :n, 2) on conflict (id) do nothing;
