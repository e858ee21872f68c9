-- Other tables refer to the column, alone and as part of a composite key.
-- given
create table countries (code text primary key, tenant integer not null default 1, unique (tenant, code) );
create table cities (id integer primary key, country text not null references countries on update cascade, tenant integer not null default 1, foreign key (tenant, country) references countries (tenant, code));
insert into countries select 'C' || g from generate_series(1, 200) g;
insert into cities select g, 'C' || g from generate_series(1, 200) g;
-- change
alter table countries rename column code to iso_code;
-- old client
insert into countries (code) values ('Old' || :n);
insert into cities (id, country) values (100000 + :n, 'C7');
-- new client
insert into countries (iso_code) values ('New' || :n);
