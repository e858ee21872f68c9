-- A view gets one more column at its end.
-- given
create table users (id bigint primary key, email text not null, active boolean not null);
insert into users select n, 'user' || n, n % 2 = 0 from generate_series(1, 200) as n;
create view active_users as select id from users where active;
-- change
create or replace view active_users as select id, email from users where active;
