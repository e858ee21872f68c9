-- What the plan would refuse in expand runs there as written when the person takes the responsibility.
-- given
create table users (id bigint primary key, email text, unused text);
insert into users select n, 'user' || n from generate_series(1, 200) as n;
-- change
-- migrate:expand
-- migrate:raw -- nobody has read or written it for a year
alter table users drop column unused;
-- migrate:rollback
alter table users add column if not exists unused text;
-- old client
update users set email = 'old' where id = :r;
-- new client
update users set email = 'new' where id = :r;
