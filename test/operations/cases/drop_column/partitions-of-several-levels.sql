-- A required column of a table whose partitions have partitions; each of them has an index on it, one has its own.
-- given
create table visits (id bigint not null, day date not null, page text not null, primary key (id, day)) partition by range (day);
create table visits_2024 partition of visits for values from ('2024-01-01') to ('2025-01-01') partition by range (id);
create table visits_2024_few partition of visits_2024 for values from (minvalue) to (101);
create table visits_2024_more partition of visits_2024 for values from (101) to (maxvalue);
create table visits_rest partition of visits default;
create index visits_page on visits (page);
create index own_page on visits_rest (lower(page));
insert into visits select n, date '2024-06-01' + (n % 300), 'page ' || n from generate_series(1, 200) as n;
-- change
-- migrate:reverse 'page ' || id
alter table visits drop column page;
