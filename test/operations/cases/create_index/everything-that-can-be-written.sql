-- Operator classes, collations, order, INCLUDE, predicates and parameters are kept to the letter.
-- given
create schema "Shop Floor";
create table "Shop Floor"."Parts" ("Id" bigint primary key, "Part No" text, tags text[], body jsonb, at timestamptz, "Weight" numeric);
insert into "Shop Floor"."Parts" select n, 'P' || n, array['a', 'b' || n], jsonb_build_object('k', n), timestamptz '2024-01-01' + n * interval '1 hour', n from generate_series(1, 200) n;
-- change
create index "Part No?" on "Shop Floor"."Parts" using btree ("Part No" collate "C" text_pattern_ops desc nulls last, ("Weight" * 2) asc nulls first) include ("Id") with (fillfactor = 80) where "Part No" is not null and "Weight" > 0;
create index on "Shop Floor"."Parts" using gin (tags, body jsonb_path_ops) with (fastupdate = off);
create index on "Shop Floor"."Parts" using brin (at timestamptz_minmax_multi_ops (values_per_range = 16)) with (pages_per_range = 4);
create index on "Shop Floor"."Parts" using hash ("Part No");
