-- An unlogged table outside the search path, with names of 63 bytes that must be quoted, and a uuid as key.
-- given
create schema "A Schema";
create unlogged table "A Schema"."A_Table_whose_Name_is_exactly_as_long_as_Postgres_will_allow_it" ("Id" uuid primary key, "Name" text not null, "A_Column_whose_Name_is_exactly_as_long_as_Postgres_can_allow_it" text not null);
create index on "A Schema"."A_Table_whose_Name_is_exactly_as_long_as_Postgres_will_allow_it" ("A_Column_whose_Name_is_exactly_as_long_as_Postgres_can_allow_it", "Name");
insert into "A Schema"."A_Table_whose_Name_is_exactly_as_long_as_Postgres_will_allow_it" select md5(n::text)::uuid, 'n' || n, 'of ' || md5(n::text)::uuid from generate_series(1, 200) as n;
-- change
-- migrate:reverse 'of ' || "Id"
alter table "A Schema"."A_Table_whose_Name_is_exactly_as_long_as_Postgres_will_allow_it" drop column "A_Column_whose_Name_is_exactly_as_long_as_Postgres_can_allow_it";
