-- A key over a period is validated, but its orphans cannot be counted one by one.
-- versions 18+
-- given
create extension btree_gist;
create table prices (item integer, during daterange, primary key (item, during without overlaps));
insert into prices select n, daterange('2020-01-01', '2030-01-01') from generate_series(1, 200) n;
create table sales (id integer primary key, item integer, during daterange);
insert into sales select n, n, daterange('2024-01-01', '2024-01-02') from generate_series(1, 200) n;
-- change
alter table sales add foreign key (item, period during) references prices (item, period during);
-- old client
select * from sales where id = :r;
-- new client
select * from sales where id = :r;
