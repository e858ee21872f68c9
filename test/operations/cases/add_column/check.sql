-- A column with a check behind it.
-- given
create table users (
  id bigint primary key,
  email text not null,
  name text
);
insert into users select n, 'user' || n || '@example.com', case when n % 3 > 0 then 'Name ' || n end from generate_series(1, 200) as n;
-- change
alter table users add column age int check (age between 0 and 150);
alter table users add column score int not null default 10 constraint score_is_positive check (score > 0);
