-- Checks without a name get the one that Postgres chooses: by the column when there is one, with a number when it is taken.
-- given
create table readings (id bigint primary key, low integer not null, high integer not null);
alter table readings add constraint readings_low_check check (low > -1000);
insert into readings select n, n, n + 1 from generate_series(1, 200) n;
-- change
alter table readings add check (low < 100000), add check (low < high), add check (high < 1000000);
-- old client
update readings set high = high + 1 where id = :r;
-- new client
insert into readings (id, low, high) values (1000 + :n, 5, 9);
