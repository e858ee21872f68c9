-- A rule that adds nothing to what the old application does.
-- given
create table users (id bigint primary key, name text);
insert into users select n, 'u' || n from generate_series(1, 200) as n;
-- change
create rule quiet as on delete to users where old.id < 0 do also nothing;
