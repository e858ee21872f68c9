-- A domain with a check: the copy has its base type, so that the table is not written anew.
-- given
create domain postal_code as varchar(10) check (value ~ '^[0-9]+$');
create table towns (id integer primary key, code postal_code, name text);
create unique index on towns (code);
insert into towns select g, (10000 + g)::text, 'T' from generate_series(1, 250) g;
-- change
alter table towns rename column code to zip;
-- old client
insert into towns (id, code) values (100000 + :n, (20000 + :n)::text);
-- new client
insert into towns (id, zip) values (100000 + :n, (20000 + :n)::text);
update towns set zip = '99999' where id = 1;
