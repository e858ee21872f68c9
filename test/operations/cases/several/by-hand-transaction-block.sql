-- BEGIN and COMMIT in a file that is phased by hand: the block is one transaction, but for what cannot be in one.
-- given
create table a (id bigint primary key, x integer);
create table b (id bigint primary key, x integer);
insert into a select n, n from generate_series(1, 200) as n;
insert into b select n, n from generate_series(1, 200) as n;
-- change
-- migrate:expand
begin;
alter table a add column y integer;
alter table b add column y integer;
create index a_y on a (y);
comment on table b is 'both at once';
commit;
