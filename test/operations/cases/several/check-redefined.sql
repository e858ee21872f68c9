-- A check is dropped and added again under its name: the old one goes in expand, the new one comes in contract.
-- given
create table orders (id bigint primary key, status text not null);
insert into orders select n, 'open' from generate_series(1, 200) n;
alter table orders add constraint status_known check (status in ('open', 'paid'));
-- change
alter table orders drop constraint status_known, add constraint status_known check (status in ('open', 'paid', 'closed'));
-- old client
insert into orders values (1000 + :n, 'paid');
-- new client
insert into orders values (1000 + :n, 'closed');
