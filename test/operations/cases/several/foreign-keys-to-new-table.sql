-- A new table and the key to it: nothing waits for the new table, the key waits for contract.
-- given
create table orders (id bigint primary key, status_id integer not null default 1);
insert into orders select n, n % 3 + 1 from generate_series(1, 200) n;
-- change
create table statuses (id integer primary key, name text not null unique);
insert into statuses values (1, 'open'), (2, 'paid'), (3, 'closed');
alter table orders add foreign key (status_id) references statuses (id);
-- old client
insert into orders (id) values (1000 + :n);
-- new client
insert into orders (id, status_id) values (1000 + :n, 3);
