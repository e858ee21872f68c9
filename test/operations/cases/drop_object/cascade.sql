-- What CASCADE locks is not known beforehand, and the plan says so.
-- given
create type color as enum ('red', 'green');
create table items (id bigint primary key, color color);
insert into items select n, 'red' from generate_series(1, 200) as n;
-- change
drop type color cascade;
-- old client
insert into items (id, color) values (:n, 'green');
-- new client
insert into items (id) values (:n);
