-- Rows that the new version wrote meanwhile get a value on the way back.
-- shown in docs
-- given
create table users (id bigint primary key, email text not null, legacy_code text not null);
insert into users select n, 'user' || n, 'code' || n from generate_series(1, 200) as n;
-- change
-- migrate:reverse 'code' || id
alter table users drop column legacy_code;
