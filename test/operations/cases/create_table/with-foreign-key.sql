-- A foreign key inside CREATE TABLE also locks the table it points to.
-- shown in docs
-- given
create table users (
  id bigint primary key,
  email text not null,
  name text
);
insert into users select n, 'user' || n || '@example.com', case when n % 3 > 0 then 'Name ' || n end from generate_series(1, 200) as n;
-- change
create table posts (
  id bigserial primary key,
  user_id bigint not null references users (id) on delete cascade,
  title varchar(200) not null unique
);
create index on posts (user_id);
insert into posts (user_id, title) select id, 'Post of ' || name from users where name is not null;
