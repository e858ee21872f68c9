-- A check for new values only: it locks nothing, and waits for contract.
-- given
create domain email as text check (value like '%@%');
create table users (id bigint primary key, mail email);
insert into users select n, n || '@x' from generate_series(1, 200) as n;
analyze users;
-- change
alter domain email add constraint short check (length(value) < 100) not valid;
