-- A constraint may come before contract: the person says that the old version keeps to it already.
-- given
create table users (id bigint primary key, email text not null, age integer);
insert into users select n, 'user' || n, n from generate_series(1, 200) as n;
-- change
-- migrate:expand
alter table users add constraint users_age check (age > 0);
-- migrate:backfill
alter table users alter column age set not null;
