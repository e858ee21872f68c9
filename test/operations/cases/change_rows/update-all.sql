-- All rows, each exactly once.
-- given
create table users (id bigint primary key, email text not null, visits int not null);
insert into users select n, 'User' || n, n from generate_series(1, 200) as n;
-- change
update users set visits = visits + 1;
update users set email = lower(email);
