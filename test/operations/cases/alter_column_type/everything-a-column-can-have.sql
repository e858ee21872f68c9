-- One column with everything a column can have; all of it must be there afterwards, under the same names.
-- given
create table teams (id bigint primary key);
create table "Members" ("Id" bigint primary key, "Team No" integer not null default 1, "Rank" integer,
  constraint "Team?" check ("Team No" > 0 and "Rank" is distinct from 0) not valid,
  constraint "One Rank" unique ("Team No", "Rank") deferrable initially deferred,
  constraint "To Team" foreign key ("Team No") references teams (id) on delete cascade);
create unique index "By Team" on "Members" ("Team No" desc nulls last, "Id") include ("Rank") with (fillfactor = 70) where "Team No" < 1000;
create index "By Text" on "Members" (("Team No"::text || '#') text_pattern_ops);
create statistics "Member Stats" (ndistinct, dependencies) on "Team No", "Rank" from "Members";
alter statistics "Member Stats" set statistics 200;
comment on statistics "Member Stats" is 'they go together';
grant select ("Team No"), update ("Team No", "Rank") on "Members" to pg_monitor;
grant select ("Team No") on "Members" to public;
alter table "Members" alter column "Team No" set statistics 321;
alter table "Members" alter column "Team No" set (n_distinct = -0.5);
create index "By Rank" on "Members" ("Rank", "Team No");
alter table "Members" cluster on "By Rank";
comment on column "Members"."Team No" is 'It''s the team';
comment on constraint "One Rank" on "Members" is 'no two of one rank';
insert into teams select generate_series(1, 300);
insert into "Members" select g, g, g from generate_series(1, 300) g;
-- change
alter table "Members" alter column "Team No" set data type bigint;
-- old client
insert into "Members" ("Id") values (100000 + :n);
update "Members" set "Team No" = 5, "Rank" = null where "Id" = 6;
update "Members" set "Team No" = "Team No" where "Id" = 7;
