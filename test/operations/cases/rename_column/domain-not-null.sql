-- A domain that allows no NULL is checked before any trigger could fill it.
-- expect CANNOT_PLAN
-- given
create domain postal_code as varchar(10) not null check (value ~ '^[0-9]+$');
create table towns (id integer primary key, code postal_code, name text);
create unique index on towns (code);
insert into towns select g, (10000 + g)::text, 'T' from generate_series(1, 250) g;
-- change
alter table towns rename column code to zip;
