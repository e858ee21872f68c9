-- An exclusion constraint waits for contract.
-- given
create table bookings (id integer primary key, during daterange);
insert into bookings select n, daterange(date '2024-01-01' + n, date '2024-01-02' + n) from generate_series(1, 200) n;
alter table bookings add constraint no_overlap exclude using gist (during with &&) where (id > 0);
-- change
alter table bookings drop constraint no_overlap;
-- old client
select * from bookings where id = :r;
-- new client
select * from bookings where id = :r;
