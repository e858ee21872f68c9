-- A table becomes part of another one.
-- given
create table people (id bigint not null, name text);
create table users (id bigint primary key, name text);
insert into users select n, 'u' || n from generate_series(1, 200) as n;
insert into people select n, 'p' || n from generate_series(1001, 1200) as n;
-- change
alter table users inherit people;
-- old client
select count(*) from only people;
select name from users where id = :r;
