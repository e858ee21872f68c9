-- Through a view: functions whose body the server has parsed read the table under both names.
-- given
create unlogged table users (id uuid primary key, name text not null);
create function name_of(who uuid) returns text language sql begin atomic select u.name from users u where id = who; end;
insert into users select md5(n::text)::uuid, 'name ' || n from generate_series(1, 200) as n;
-- change
-- migrate:strategy view
alter table users rename name to full_name;
-- old client
insert into users (id, name) values (md5('old' || :n)::uuid, 'old');
select name_of(md5(:r::text)::uuid);
-- new client
insert into users (id, full_name) values (md5('new' || :n)::uuid, 'new');
select name_of(md5(:r::text)::uuid);
