-- One column of a composite foreign key (MATCH FULL) grows.
-- given
create table regions (country text, code bigint, primary key (country, code));
create table shops (id integer primary key, country text, region integer, foreign key (country, region) references regions (country, code) match full on update cascade);
insert into regions select 'C', g from generate_series(1, 250) g;
insert into shops select g, 'C', g from generate_series(1, 250) g;
insert into shops values (251);
-- change
alter table shops alter column region type bigint;
-- old client
insert into shops values (100000 + :n, 'C', 7);
update regions set code = code + 1000 where code = 9;
