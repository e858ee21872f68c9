-- Expressions have the names that Postgres gives them: functions, casts, CASE, none.
-- given
create table people (id bigint primary key, name text, born date, data jsonb, a integer, b integer);
insert into people select n, 'N' || n, date '1980-01-01' + n::int, jsonb_build_object('x', n), n, n from generate_series(1, 200) n;
-- change
create index on people (lower(name), (data ->> 'x'), (a + b));
create index on people ((a::text), (case when a > b then a else b end), coalesce(a, b));
create index on people (((data ->> 'x')::int), extract(year from born), (name collate "C"));
create index on people (lower(name), upper(name), (a + b), (a - b)) include (id);
