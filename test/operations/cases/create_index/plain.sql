-- A plain CREATE INDEX becomes a concurrent one, under the name that Postgres chooses.
-- shown in docs
-- given
create table orders (id bigint primary key, customer_id bigint, placed timestamptz);
insert into orders select n, n % 20, timestamptz '2024-01-01' + n * interval '1 hour' from generate_series(1, 200) n;
-- change
create index on orders (customer_id, placed desc);
