-- A default of an optional column goes at once, one of a required column waits for the old version to go.
-- shown in docs
-- given
create table users (id bigint primary key, role text not null default 'user', name text default 'Anonymous');
insert into users select n, 'user' || n, 'x' from generate_series(1, 200) as n;
-- change
alter table users alter column role drop default;
alter table users alter column name drop default;
