-- The partitions of a partitioned table, and theirs, get the check.
-- given
create table measures (id bigint not null, at date not null, value integer, primary key (id, at)) partition by range (at);
create table measures_2023 partition of measures for values from ('2023-01-01') to ('2024-01-01');
create table measures_2024 partition of measures for values from ('2024-01-01') to ('2025-01-01') partition by hash (id);
create table measures_2024_a partition of measures_2024 for values with (modulus 2, remainder 0);
create table measures_2024_b partition of measures_2024 for values with (modulus 2, remainder 1);
insert into measures select n, date '2023-06-01' + n::int, n from generate_series(1, 400) n;
-- change
alter table measures add constraint value_known check (value is not null and value >= 0);
