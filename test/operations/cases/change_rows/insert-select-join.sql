-- Joined with what belongs to each row; odd names, a uuid key, a sub-query, several rows out of one.
-- given
create schema "Shop";
create table "Shop".teams (id bigint primary key, name text not null);
create table "Shop"."Users" (id uuid primary key, team_id bigint, tags text[] not null, "Age" int not null);
create table "Shop"."Tags" (user_id uuid not null, tag text not null, team text, older bigint not null, primary key (user_id, tag));
insert into "Shop".teams select n, 'team ' || n from generate_series(1, 5) as n;
insert into "Shop"."Users" select md5(n::text)::uuid, n % 7, array['a' || n, 'b' || n], n from generate_series(1, 200) as n;
-- change
insert into "Shop"."Tags" (user_id, tag, team, older)
select "Shop"."Users".id, tag, t.name, (select count(*) from "Shop".teams as o where o.id = "Users".team_id)
from "Shop".teams as t right join "Shop"."Users" on t.id = "Users".team_id, unnest("Shop"."Users".tags) as tag
where "Age" > 10;
-- old client
update "Shop"."Users" set "Age" = "Age" + 1 where id = md5(:r::text)::uuid;
-- new client
insert into "Shop"."Tags" values (md5(:n::text)::uuid, 'new', null, 0);
update "Shop"."Tags" set team = 'mine' where user_id = md5(:n::text)::uuid;
