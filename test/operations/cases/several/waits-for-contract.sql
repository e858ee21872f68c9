-- The second one needs the name that the first one frees in its contract.
-- shown in docs
-- given
create table users (id bigint primary key, email text not null, score text);
insert into users select n, 'user' || n, n::text from generate_series(1, 200) as n;
-- change
alter table users drop column score;
-- change
alter table users add column score int;
