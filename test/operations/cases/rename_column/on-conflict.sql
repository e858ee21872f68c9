-- INSERT … ON CONFLICT fires BEFORE triggers twice, and each version names its own column in all of its parts.
-- given
create table counters (id bigint primary key, key text not null unique, hits int not null default 0);
insert into counters select n, 'k' || n, n from generate_series(1, 200) as n;
-- change
alter table counters rename column hits to views;
-- old client
insert into counters (id, key, hits) values (100000 + :n, 'k' || :r, 1) on conflict (key) do update set hits = counters.hits + excluded.hits;
insert into counters (id, key, hits) values (200000 + :n, 'n' || :n, 7) on conflict (key) do update set hits = counters.hits + excluded.hits;
-- new client
insert into counters (id, key, views) values (300000 + :n, 'k' || :r, 1) on conflict (key) do update set views = excluded.views + 1000;
insert into counters (id, key, views) values (400000 + :n, 'm' || :n, 7) on conflict (key) do update set views = excluded.views;
insert into counters (id, key) values (500000 + :n, 'k' || :r) on conflict (key) do nothing;
