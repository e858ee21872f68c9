-- A publication of the whole table sends the copy, too.
-- given
create table metrics (id bigint primary key, name text not null, value double precision);
create publication all_columns for table metrics;
insert into metrics select g, 'm' || g % 7, g from generate_series(1, 250) g;
-- change
alter table metrics rename column value to reading;
