-- What still uses the table is named before its foreign keys are gone.
-- expect CANNOT_PLAN
-- given
create table teams (id bigint primary key);
create table users (id bigint primary key, team_id bigint references teams);
create view members as select id, team_id from users;
create function count_users() returns bigint language sql begin atomic select count(*) from users; end;
create table guests (invited date) inherits (users);
-- change
drop table users;
