-- What uses the columns goes above them: a function, and one that is put in its place; a new one uses the new column.
-- given
create table users (id uuid primary key, email text not null, name text not null);
create function mail_of(who uuid) returns text language sql begin atomic select email from users where id = who; end;
create function label_of(who uuid) returns text language sql begin atomic select name || email from users where id = who; end;
insert into users select md5(n::text)::uuid, 'mail ' || n, 'name ' || n from generate_series(1, 200) as n;
-- change
drop function mail_of(uuid);
create or replace function label_of(who uuid) returns text language sql begin atomic select name from users where id = who; end;
alter table users drop column email;
alter table users add column phone text;
create function phone_of(who uuid) returns text language sql begin atomic select phone from users where id = who; end;
-- old client
select mail_of(md5(:r::text)::uuid);
select label_of(md5(:r::text)::uuid);
insert into users (id, email, name) values (md5('old' || :n)::uuid, 'mail', 'old');
-- new client
select label_of(md5(:r::text)::uuid);
insert into users (id, name) values (md5('new' || :n)::uuid, 'new');
-- no rows
select 1 where phone_of(md5('1')::uuid) is not null;
