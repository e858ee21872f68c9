-- A row finds its partition before a trigger could give it the value from the other name.
-- expect CANNOT_PLAN
-- given
create table logs (id bigint, day date not null) partition by range (day);
create table logs_all partition of logs default;
insert into logs select g, date '2024-01-01' + g::int from generate_series(1, 200) g;
-- change
alter table logs rename column day to written_on;
