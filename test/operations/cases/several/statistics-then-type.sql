-- The statistics target that one migration sets is there when the next one changes the type.
-- given
create table visits (id bigint primary key, seconds integer not null);
insert into visits select n, n from generate_series(1, 200) as n;
-- change
alter table visits alter column seconds set statistics 50;
-- change
alter table visits alter column seconds type bigint;
