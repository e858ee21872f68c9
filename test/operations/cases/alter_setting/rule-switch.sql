-- A rule is switched off.
-- given
create table users (id bigint primary key, name text);
insert into users select n, 'u' || n from generate_series(1, 200) as n;
create rule quiet as on update to users where old.name is null do also nothing;
-- change
alter table users disable rule quiet;
