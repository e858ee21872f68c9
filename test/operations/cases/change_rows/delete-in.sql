-- IN over another table, in batches; NOT IN over a small one as well.
-- given
create table users (id bigint primary key, gone boolean not null);
create table orders (id bigint primary key, user_id bigint not null, state text not null);
create table states (name text primary key);
insert into users select n, n % 5 = 0 from generate_series(1, 100) as n;
insert into orders select n, n % 100 + 1, 'state ' || n % 4 from generate_series(1, 200) as n;
insert into states values ('state 1'), ('state 2'), ('state 3');
-- change
delete from orders where user_id in (select id from users where gone);
delete from orders where state not in (select name from states);
-- old client
insert into orders values (:n, 1, 'state 1');
-- new client
insert into orders values (:n, 1, 'state 2');
