-- Types, functions and views that nobody uses yet.
-- shown in docs
-- given
create table orders (id bigint primary key, total_cents int not null);
insert into orders select n, n * 10 from generate_series(1, 200) as n;
-- change
create schema reporting;
create type reporting.period as enum ('day', 'week', 'month');
create domain reporting.euro as numeric(12, 2) check (value >= 0);
create type reporting.line as (label text, amount numeric);
create sequence reporting.run_number start 100 increment 5;
create function reporting.euros(cents int) returns numeric language sql immutable as $$ select cents / 100.0 $$;
create or replace function reporting.noop() returns void language plpgsql as $$ begin null; end $$;
create view reporting.totals as select id, reporting.euros(total_cents) as total from orders;
create materialized view reporting.sums as select count(*) as orders, sum(total_cents) as cents from orders;
