-- The referenced table is partitioned: its partitions are locked with it.
-- given
create table accounts (id bigint primary key, name text) partition by range (id);
create table accounts_a partition of accounts for values from (0) to (100);
create table accounts_b partition of accounts for values from (100) to (10000);
insert into accounts select n, 'a' || n from generate_series(1, 200) n;
create table payments (id bigint primary key, account_id bigint not null);
insert into payments select n, n from generate_series(1, 200) n;
-- change
alter table payments add foreign key (account_id) references accounts;
