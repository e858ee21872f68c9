-- A function that changes the schema is looked into where it is called.
-- given
create table users (id bigint primary key, email text);
insert into users select n, 'user' || n from generate_series(1, 200) as n;
create function add_phone() returns void language plpgsql as $$
begin
  alter table users add column phone text;
end $$;
-- change
select add_phone();
create index users_phone on users (phone);
