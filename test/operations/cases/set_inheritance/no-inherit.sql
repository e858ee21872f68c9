-- Its rows go out of the other one's sight when the old application is gone.
-- given
create table people (id bigint not null, name text);
create table users (primary key (id)) inherits (people);
insert into users select n, 'u' || n from generate_series(1, 200) as n;
-- change
alter table users no inherit people;
-- old client
select name from people where id = :r;
-- new client
select name from users where id = :r;
