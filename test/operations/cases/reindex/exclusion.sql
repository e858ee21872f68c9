-- The index of an exclusion constraint cannot be rebuilt while writes go on.
-- given
create table rooms (id bigint primary key, during int4range, constraint rooms_during exclude using gist (during with &&));
insert into rooms select n, int4range(n, n + 1) from generate_series(1, 200) as n;
-- change
reindex index rooms_during;
-- expect CANNOT_PLAN
