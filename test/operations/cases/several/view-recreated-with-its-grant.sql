-- A view goes and comes back with another column, and gets its comment and its grant again.
-- given
create table users (id bigint primary key, email text not null, name text);
insert into users select n, 'user' || n, 'name' || n from generate_series(1, 200) as n;
create view contacts as select id, email from users;
grant select on contacts to public;
comment on view contacts is 'how to reach people';
-- change
drop view contacts;
create view contacts as select id, name, email from users;
grant select on contacts to public;
comment on view contacts is 'how to reach people, with names';
