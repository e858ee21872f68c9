-- CASCADE, as somebody wrote it, takes the view along; the plan says so.
-- given
create table users (id bigint primary key, email text not null, name text);
create view names as select id, name from users;
insert into users select n, 'user' || n, 'name' || n from generate_series(1, 200) as n;
-- change
alter table users drop column name cascade;
