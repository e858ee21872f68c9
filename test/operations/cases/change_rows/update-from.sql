-- Each row takes a value of the one row of another table that belongs to it.
-- shown in docs
-- given
create table teams (id bigint primary key, name text not null);
create table users (id bigint primary key, team_id bigint, team_name text);
insert into teams select n, 'team ' || n from generate_series(1, 10) as n;
insert into users select n, n % 12 + 1, null from generate_series(1, 200) as n;
-- change
update users set team_name = teams.name from teams where teams.id = users.team_id;
-- old client
insert into users values (:n, 3, null);
update users set team_id = :r % 7 where id = :r;
update teams set name = 'renamed ' || :n where id = :r % 10 + 1;
-- new client
select team_name from users where id = :r;
insert into users values (:n, 4, 'team 4');
