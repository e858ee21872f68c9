-- What was never validated must not be validated on the way.
-- given
create table ages (id bigint primary key, age integer, other integer references ages (id));
insert into ages select g, g from generate_series(1, 250) g;
alter table ages add constraint age_positive check (age > 0) not valid;
alter table ages add constraint age_exists foreign key (age) references ages (id) not valid;
-- change
alter table ages alter column age type bigint;
