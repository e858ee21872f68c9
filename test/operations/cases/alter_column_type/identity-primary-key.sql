-- The sequence of an identity column goes on where it was, as bigint.
-- given
create table customers (id integer generated always as identity (start with 10 increment by 3) primary key, name text not null);
comment on sequence customers_id_seq is 'customer numbers';
insert into customers (name) select 'C' || g from generate_series(1, 300) g;
-- change
alter table customers alter column id type bigint;
-- old client
insert into customers (name) values ('one more');
update customers set name = upper(name) where id = 10;
-- new client
insert into customers (name) values ('and another') returning id;
