-- Rows that break a constraint which was never validated cannot be updated, so no backfill can convert them.
-- expect DATA_VIOLATES
-- given
create table ages (id bigint primary key, age integer, height integer);
insert into ages select g, g, g - 5 from generate_series(1, 200) g;
alter table ages add constraint height_positive check (height > 0) not valid;
-- change
alter table ages alter column age type bigint;
