-- Options and statistics of a materialized view.
-- given
create table users (id bigint primary key, name text);
insert into users select n, 'u' || n from generate_series(1, 200) as n;
create materialized view names as select id, name from users;
-- change
comment on materialized view names is 'all of them';
comment on column names.name is 'as they wish';
alter materialized view names alter column name set statistics 50;
