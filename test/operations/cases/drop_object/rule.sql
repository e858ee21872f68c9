-- A rule goes when the old application is gone.
-- given
create table users (id bigint primary key, name text);
insert into users select n, 'u' || n from generate_series(1, 200) as n;
create rule quiet as on delete to users where old.id < 0 do also nothing;
-- change
drop rule quiet on users;
