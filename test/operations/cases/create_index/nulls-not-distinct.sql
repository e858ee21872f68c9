-- NULLS NOT DISTINCT on an index.
-- versions 15+
-- given
create table seats (id integer primary key, row_no integer, place text);
insert into seats select n, n % 10, 'p' || n from generate_series(1, 200) n;
-- change
create unique index seats_place on seats (row_no, place) nulls not distinct;
-- old client
insert into seats values (1000 + :n, 1, 'old' || :n);
-- new client
insert into seats values (1000 + :n, 1, 'new' || :n);
