-- Tables that nobody uses yet are made as written, also with what would be slow on a table in use.
-- given
create table users (
  id bigint primary key,
  email text not null,
  name text
);
insert into users select n, 'user' || n || '@example.com', case when n % 3 > 0 then 'Name ' || n end from generate_series(1, 200) as n;
-- change
create table teams (id bigserial primary key, name text not null);
alter table teams add column number int generated always as identity;
create index teams_name on teams (name);
alter table teams add constraint name_is_there check (name <> '');
insert into teams (name) values ('first'), ('second');
alter table teams alter column name type varchar(50);
alter table users add column team_id bigint references teams (id);
