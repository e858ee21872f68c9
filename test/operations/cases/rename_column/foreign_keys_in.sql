-- given
create table countries (code text primary key, tenant integer not null default 1, unique (tenant, code) );
create table cities (id integer primary key, country text not null references countries on update cascade, tenant integer not null default 1, foreign key (tenant, country) references countries (tenant, code));
insert into countries select 'C' || g from generate_series(1, 200) g;
insert into cities select g, 'C' || g from generate_series(1, 200) g;
-- change
alter table countries rename column code to iso_code;
-- old client
insert into countries (code) select 'Old' || count(*) from countries;
insert into cities (id, country) select max(id) + 1, 'C7' from cities;
-- new client
insert into countries (iso_code) select 'New' || count(*) from countries;
