-- A column goes and comes back with another meaning: both wait for contract.
-- given
create table users (id bigint primary key, email text not null, score text);
insert into users select n, 'user' || n, n::text from generate_series(1, 200) as n;
-- change
alter table users drop column score;
alter table users add column score int not null default 0;
