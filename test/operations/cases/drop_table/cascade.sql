-- CASCADE, as somebody wrote it, goes from view to view: the plan names all of them.
-- given
create table teams (id bigint primary key);
create table users (id bigint primary key, team_id bigint references teams);
create table notes (id bigint primary key, author bigint references users);
create view members as select id, team_id from users;
create materialized view sizes as select team_id, count(*) from members group by team_id;
create policy own on teams using (id in (select team_id from members));
create function count_members() returns bigint language sql begin atomic select count(*) from members; end;
insert into teams select n from generate_series(1, 10) as n;
insert into users select n, n % 10 + 1 from generate_series(1, 200) as n;
insert into notes select n, n from generate_series(1, 200) as n;
-- change
drop table users cascade;
