-- Two tables that belong together.
-- given
create table users (id bigint primary key, email text not null);
create table invoices (id bigint primary key, user_id bigint references users (id));
create table lines (id bigserial primary key, invoice_id bigint not null references invoices (id));
insert into users select n, 'user' || n from generate_series(1, 200) as n;
insert into invoices select n, n from generate_series(1, 200) as n;
insert into lines (invoice_id) select n from generate_series(1, 200) as n;
-- change
drop table if exists invoices, lines, carts;
