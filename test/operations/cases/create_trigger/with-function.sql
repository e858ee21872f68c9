-- Function and trigger in one migration, on a partitioned table.
-- given
create table events (id bigint, day date not null, kind text, primary key (id, day)) partition by range (day);
create table events_2024 partition of events for values from ('2024-01-01') to ('2026-01-01');
insert into events select n, date '2024-01-01' + n::int, 'kind' || n % 4 from generate_series(1, 200) as n;
-- change
create function lower_kind() returns trigger language plpgsql as $$ begin new.kind := lower(new.kind); return new; end $$;
create trigger lower_kind before insert or update on events for each row execute function lower_kind();
