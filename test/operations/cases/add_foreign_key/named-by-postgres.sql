-- Without a name and without columns: Postgres names it by its columns, and it refers to the primary key.
-- given
create table regions (country char(2), code text, name text, primary key (country, code));
insert into regions select 'c' || n % 5, 'r' || n, 'Region' from generate_series(1, 200) n;
create table towns (id integer primary key, country char(2), region text);
alter table towns add constraint towns_country_region_fkey check (id > 0);
insert into towns select n, 'c' || n % 5, 'r' || n from generate_series(1, 200) n;
-- change
alter table towns add foreign key (country, region) references regions on delete cascade on update cascade;
