-- The rows are filled first; what the old version writes meanwhile must be filled already.
-- keeps data users.name: the value that an empty name got is not taken away again
-- given
create table users (
  id bigint primary key,
  email text not null,
  name text
);
insert into users select n, 'user' || n || '@example.com', case when n % 3 > 0 then 'Name ' || n end from generate_series(1, 200) as n;
-- change
-- migrate:raw -- the table is small, and the earlier values are not needed
update users set name = 'Anonymous' where name is null;
alter table users alter column name set not null;
-- old client
update users set name = 'old ' || :n where id = :r;
insert into users (id, email, name) values (:n, 'o' || :n, 'old');
select id, email, name from users where id = :r;
