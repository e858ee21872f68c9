-- A serial's sequence goes with its column.
-- given
create table users (id bigint primary key, email text not null, number serial);
insert into users (id, email) select n, 'user' || n from generate_series(1, 200) as n;
-- change
alter table users drop column number;
