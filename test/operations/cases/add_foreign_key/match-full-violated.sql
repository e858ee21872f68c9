-- MATCH FULL: a key that is NULL in part is refused, too.
-- expect DATA_VIOLATES
-- given
create table regions (country text, code text, primary key (country, code));
insert into regions select 'c' || n % 5, 'r' || n from generate_series(1, 200) n;
create table towns (id integer primary key, country text, region text);
insert into towns select n, 'c' || n % 5, case when n = 17 then null else 'r' || n end from generate_series(1, 200) n;
-- change
alter table towns add foreign key (country, region) references regions (country, code) match full;
