-- What a row becomes depends on another table: one statement.
-- shown in docs
-- given
create table teams (id bigint primary key, name text not null);
create table users (id bigint primary key, team_id bigint, team_name text);
insert into teams select n, 'team ' || n from generate_series(1, 10) as n;
insert into users select n, n % 10 + 1, null from generate_series(1, 200) as n;
-- change
update users set team_name = teams.name from teams where teams.id = users.team_id;
