-- What is no longer published is missed by subscribers, so it waits for contract.
-- given
create table users (id bigint primary key, name text, age int);
insert into users select n, 'u' || n, n % 90 from generate_series(1, 200) as n;
create table other (id bigint primary key);
create publication case_two for table users, other;
create publication case_gone for table users;
-- change
alter publication case_two drop table other;
alter publication case_two set (publish = 'insert, update');
drop publication case_gone;
