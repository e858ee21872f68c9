-- An unlogged table outside the search path, with names of 63 bytes that must be quoted, and a uuid as key.
-- keeps data A_Table_whose_Name_is_exactly_as_long_as_Postgres_will_allow_it.A_Column_whose_Name_is_exactly_as_long_as_Postgres_can_allow_it: the value that an empty one got is not taken away again
-- given
create schema "A Schema";
create unlogged table "A Schema"."A_Table_whose_Name_is_exactly_as_long_as_Postgres_will_allow_it" ("Id" uuid primary key, "A_Column_whose_Name_is_exactly_as_long_as_Postgres_can_allow_it" text);
insert into "A Schema"."A_Table_whose_Name_is_exactly_as_long_as_Postgres_will_allow_it" select md5(n::text)::uuid, case when n % 3 > 0 then 'v' || n end from generate_series(1, 200) as n;
-- change
-- migrate:using 'none'
alter table "A Schema"."A_Table_whose_Name_is_exactly_as_long_as_Postgres_will_allow_it" alter column "A_Column_whose_Name_is_exactly_as_long_as_Postgres_can_allow_it" set not null;
-- same as
update "A Schema"."A_Table_whose_Name_is_exactly_as_long_as_Postgres_will_allow_it" set "A_Column_whose_Name_is_exactly_as_long_as_Postgres_can_allow_it" = 'none' where "A_Column_whose_Name_is_exactly_as_long_as_Postgres_can_allow_it" is null;
alter table "A Schema"."A_Table_whose_Name_is_exactly_as_long_as_Postgres_will_allow_it" alter column "A_Column_whose_Name_is_exactly_as_long_as_Postgres_can_allow_it" set not null;
