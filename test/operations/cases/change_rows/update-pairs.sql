-- Several columns from one query.
-- given
create table teams (id bigint primary key, name text not null, plan text);
create table users (id bigint primary key, team_id bigint, team_name text, team_plan text);
insert into teams select n, 'team ' || n, 'plan ' || n % 3 from generate_series(1, 10) as n;
insert into users select n, n % 12 + 1, 'none', 'none' from generate_series(1, 200) as n;
-- change
update users set (team_name, team_plan) = (select name, plan from teams where teams.id = users.team_id);
update users set (team_name, team_plan) = (upper(team_name), coalesce(team_plan, 'free'));
