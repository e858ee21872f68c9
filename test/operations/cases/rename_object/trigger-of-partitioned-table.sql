-- A trigger of a partitioned table: since Postgres 15 its clones on the partitions are renamed with it.
-- versions 15+
-- given
create table measures (sensor integer, at date not null) partition by range (at);
create table measures_2023 partition of measures for values from ('2023-01-01') to ('2024-01-01');
create function same_row() returns trigger language plpgsql as $$ begin return new; end $$;
create trigger keep after insert on measures for each row execute function same_row();
insert into measures select n % 7, date '2023-06-01' + (n % 100)::int from generate_series(1, 200) n;
-- change
alter trigger keep on measures rename to keep_row;
