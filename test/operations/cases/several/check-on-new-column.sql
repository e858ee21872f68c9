-- A check on a column that the same migration adds, and that NULL passes, comes with it.
-- given
create table products (id bigint primary key, name text);
insert into products select n, 'p' || n from generate_series(1, 200) n;
-- change
alter table products add column weight integer;
alter table products add constraint weight_positive check (weight > 0);
alter table products add column kind text not null default 'plain' check (kind in ('plain', 'fancy'));
-- old client
insert into products (id, name) values (1000 + :n, 'old');
-- new client
insert into products (id, name, weight, kind) values (1000 + :n, 'new', 3, 'fancy');
