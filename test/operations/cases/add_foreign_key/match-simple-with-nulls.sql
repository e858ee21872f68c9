-- MATCH SIMPLE: a NULL in one column frees the row, whatever the other says.
-- given
create table regions (country text, code text, primary key (country, code));
insert into regions select 'c' || n % 5, 'r' || n from generate_series(1, 200) n;
create table towns (id integer primary key, country text, region text);
insert into towns select n, case when n % 4 > 0 then 'c' || n % 5 else 'nowhere' end, case when n % 4 > 0 then 'r' || n end from generate_series(1, 200) n;
-- change
alter table towns add foreign key (country, region) references regions (country, code);
