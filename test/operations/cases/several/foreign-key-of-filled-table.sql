-- A new table that is filled from one in use refers to it: the rows are looked up without holding up its writers.
-- given
create table users (id bigint primary key, country text);
insert into users select n, (array['de', 'fr', 'it'])[1 + n % 3] from generate_series(1, 200) as n;
-- change
create table addresses as select id as user_id, country from users;
alter table addresses add foreign key (user_id) references users;
-- old client
update users set country = 'x' || :n where id = :r;
select id, country from users where id = :r;
-- new client
update users set country = 'y' || :n where id = :r;
select user_id, country from addresses;
