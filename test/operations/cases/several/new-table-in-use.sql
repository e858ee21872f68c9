-- A table that the migration creates is in use by the time that rows of a filled column come into it: what follows then
-- goes the way of every table in use.
-- given
create table users (
  id bigint primary key,
  name text not null,
  tag text
);
insert into users select n, 'user ' || n, null from generate_series(1, 200) as n;
-- change
update users set tag = 'tag ' || (id % 10);
create table tags (user_id bigint primary key, tag text, weight integer);
insert into tags (user_id, tag) select id, tag from users where id <= 100;
create index tags_tag on tags (tag);
alter table tags alter column tag set not null;
alter table tags add constraint tags_user foreign key (user_id) references users (id);
alter table tags alter column weight type bigint;
