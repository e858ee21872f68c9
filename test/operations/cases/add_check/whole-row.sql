-- A check of the whole row is called after the table alone.
-- given
create table pairs (a integer, b integer);
insert into pairs select n, n from generate_series(1, 200) n;
-- change
alter table pairs add check (pairs is not null), add check (pairs.a > 0);
-- old client
insert into pairs values (:n, :n);
-- new client
insert into pairs values (:n, :n);
