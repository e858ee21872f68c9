-- A domain without constraints is only another label.
-- given
create domain amount as integer;
create table stock (id bigint primary key, held integer not null);
insert into stock select g, g from generate_series(1, 200) g;
-- change
alter table stock alter column held type amount;
