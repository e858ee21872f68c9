-- Dropping a column with a foreign key also locks the table that it points to.
-- given
create table teams (id bigint primary key, name text);
create table users (id bigint primary key, email text not null, team_id bigint references teams (id));
insert into teams select n, 'team ' || n from generate_series(1, 10) as n;
insert into users select n, 'user' || n, n % 10 + 1 from generate_series(1, 200) as n;
-- change
alter table users drop column team_id;
