-- MATCH FULL on keys that are NULL altogether or not at all.
-- given
create table regions (country text, code text, primary key (country, code));
insert into regions select 'c' || n % 5, 'r' || n from generate_series(1, 200) n;
create table towns (id integer primary key, country text, region text);
insert into towns select n, case when n % 4 > 0 then 'c' || n % 5 end, case when n % 4 > 0 then 'r' || n end from generate_series(1, 200) n;
-- change
alter table towns add constraint town_region foreign key (country, region) references regions match full deferrable initially deferred;
