-- The referenced table is locked for a moment, too.
-- given
create table currencies (code varchar(3) primary key);
create table prices (id bigint primary key, currency varchar(3) not null references currencies);
insert into currencies select lpad(g::text, 3, '0') from generate_series(1, 200) g;
insert into prices select g, lpad(g::text, 3, '0') from generate_series(1, 200) g;
-- change
alter table prices alter column currency type varchar(10);
