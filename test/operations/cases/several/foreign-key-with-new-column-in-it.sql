-- One new column in a composite key is enough for MATCH SIMPLE.
-- given
create table regions (country text, code text, primary key (country, code));
insert into regions select 'c' || n % 5, 'r' || n from generate_series(1, 200) n;
create table towns (id integer primary key, country text not null);
insert into towns select n, 'c' || n % 5 from generate_series(1, 200) n;
-- change
alter table towns add column region text;
alter table towns add constraint town_region foreign key (country, region) references regions;
-- old client
insert into towns (id, country) values (1000 + :n, 'anywhere');
-- new client
insert into towns (id, country, region) values (1000 + :n, 'c1', 'r1');
