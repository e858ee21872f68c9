-- CASCADE, as somebody wrote it, takes what is built on the view along: it is known, and named.
-- given
create table users (id bigint primary key, team_id bigint);
create view members as select id, team_id from users;
create materialized view sizes as select team_id, count(*) from members group by team_id;
create policy own on users using (id in (select id from members));
create function count_members() returns bigint language sql begin atomic select count(*) from members; end;
insert into users select n, n % 10 + 1 from generate_series(1, 200) as n;
-- change
drop view members cascade;
