-- A foreign key of the table to itself is checked at the end of the statement, not of each batch.
-- given
create table nodes (id bigint primary key, parent_id bigint references nodes, old boolean not null);
insert into nodes select n, nullif(n / 2, 0), n % 2 = 0 or n > 100 from generate_series(1, 200) as n where n < 200;
update nodes set old = true where id > 60;
update nodes set old = false where id <= 60;
-- change
delete from nodes where old;
-- old client
select old from nodes where id = :r;
insert into nodes values (:n, 1, false);
-- new client
select old from nodes where id = :r;
insert into nodes values (:n, 1, false);
