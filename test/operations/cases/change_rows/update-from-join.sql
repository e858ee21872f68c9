-- Through WITH and a join to other tables, each row still exactly once; odd names and a schema of its own.
-- given
create schema "Shop";
create table "Shop"."Plans" ("Key" text primary key, bonus int not null);
create table "Shop".teams (id bigint primary key, plan text);
create table "Shop"."Users" (id bigint primary key, team_id bigint, "Visits" int not null);
insert into "Shop"."Plans" values ('free', 1), ('paid', 10);
insert into "Shop".teams select n, case n % 3 when 0 then 'free' when 1 then 'paid' end from generate_series(1, 10) as n;
insert into "Shop"."Users" select n, n % 12 + 1, n from generate_series(1, 200) as n;
-- change
with "Named" as (select id as "Team", plan from "Shop".teams where plan is not null)
update "Shop"."Users" as u
set "Visits" = u."Visits" + coalesce(p.bonus, 0)
from "Named" as t left join "Shop"."Plans" as p on p."Key" = t.plan
where t."Team" = u.team_id;
-- old client
insert into "Shop"."Users" values (:n, 3, 0);
update "Shop"."Users" set team_id = :r % 11 where id = :r;
-- new client
select "Visits" from "Shop"."Users" where id = :r;
insert into "Shop"."Users" values (:n, 4, 0);
