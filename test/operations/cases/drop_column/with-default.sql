-- A required column with a default needs nothing before it goes.
-- given
create table users (id bigint primary key, email text not null, visits int not null default 0);
insert into users select n, 'user' || n, n from generate_series(1, 200) as n;
-- change
alter table users drop column visits;
