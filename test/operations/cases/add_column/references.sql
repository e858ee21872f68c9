-- A column with a foreign key behind it.
-- given
create table users (
  id bigint primary key,
  email text not null,
  name text
);
insert into users select n, 'user' || n || '@example.com', case when n % 3 > 0 then 'Name ' || n end from generate_series(1, 200) as n;
create table teams (id bigint primary key, name text not null);
insert into teams select n, 'team ' || n from generate_series(1, 5) as n;
-- change
alter table users add column team_id bigint references teams (id);
