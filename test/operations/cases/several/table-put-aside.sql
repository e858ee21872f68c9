-- A table is put aside and another one gets its name, which the old version uses for the first one until contract.
-- given
create table events (id bigserial primary key, text text);
insert into events (text) select 'e' from generate_series(1, 200) n;
-- change
alter table events rename to events_of_last_year;
create table events (id bigint generated always as identity primary key, text text not null, at timestamptz default now());
