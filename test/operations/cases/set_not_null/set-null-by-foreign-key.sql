-- ON DELETE SET NULL empties the column, and the value of migrate:using would put the deleted key back.
-- expect CANNOT_PLAN
-- given
create table owners (id bigint primary key);
create table cars (id bigint primary key, owner_id bigint references owners on delete set null, first_owner bigint);
insert into owners select n from generate_series(0, 200) as n;
insert into cars select n, case when n % 3 > 0 then n end, n from generate_series(1, 200) as n;
-- change
-- migrate:using first_owner
alter table cars alter column owner_id set not null;
