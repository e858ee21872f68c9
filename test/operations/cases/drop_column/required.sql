-- A required column loses its NOT NULL first, so that the new version can leave it out.
-- given
create table users (id bigint primary key, email text not null, legacy_code text not null);
insert into users select n, 'user' || n, 'code' || n from generate_series(1, 200) as n;
-- change
alter table users drop column legacy_code;
