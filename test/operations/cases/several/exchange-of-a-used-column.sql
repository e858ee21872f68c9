-- A view that uses the old column goes first, and an index on the old column goes with it.
-- given
create table users (id bigint primary key, "Full Name" varchar(80) not null default 'Nobody', touched integer);
create index users_name on users ("Full Name");
create view names as select "Full Name" from users;
create function touch() returns trigger language plpgsql as 'begin new.touched := 1; return new; end';
create trigger touch before insert or update on users for each row execute function touch();
insert into users select n, 'Name ' || n from generate_series(1, 200) as n;
-- change
-- migrate:phase expand
DROP VIEW names;
-- migrate:using regexp_split_to_array("Full Name", ' ')
ALTER TABLE users ADD COLUMN "Names" text[];
-- migrate:reverse array_to_string("Names", ' ')
ALTER TABLE users DROP COLUMN "Full Name";
-- same as
drop view names;
alter table users add column "Names" text[];
update users set "Names" = regexp_split_to_array("Full Name", ' ');
alter table users drop column "Full Name";
-- old client
insert into users (id, "Full Name") values (100000 + :n, 'Old ' || :n);
update users set "Full Name" = "Full Name" || ' x' where id = 100000 + :n;
-- new client
insert into users (id, "Names") values (200000 + :n, array['New', 'One']);
update users set "Names" = "Names" || 'y'::text where id = 200000 + :n;
