-- A function is declared stable, and what it was comes back when it is taken back.
-- given
create table users (id bigint primary key, name text);
insert into users select n, 'u' || n from generate_series(1, 200) as n;
create function double(n bigint, times int default 2) returns bigint language sql as 'select n * times';
-- change
alter function double(bigint, int) immutable parallel safe;
