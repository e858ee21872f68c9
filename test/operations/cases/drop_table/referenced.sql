-- A table that another one references is refused with the name of the foreign key.
-- expect CANNOT_PLAN
-- given
create table teams (id bigint primary key);
create table users (id bigint primary key, team_id bigint references teams (id));
insert into teams select n from generate_series(1, 10) as n;
insert into users select n, n % 10 + 1 from generate_series(1, 200) as n;
-- change
drop table teams;
