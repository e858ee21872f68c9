-- Duplicates: which row goes depends on the others, so it is one statement.
-- given
create table users (id bigint primary key, email text not null);
insert into users select n, 'user' || n % 150 from generate_series(1, 200) as n;
-- change
delete from users a using users b where a.email = b.email and a.id > b.id;
-- old client
select email from users where id = :r;
insert into users values (:n, 'old' || :n);
-- new client
select email from users where id = :r;
insert into users values (:n, 'new' || :n);
