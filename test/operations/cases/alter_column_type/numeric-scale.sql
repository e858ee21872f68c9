-- Another scale writes every value anew.
-- given
create table invoices (id bigint primary key, total numeric(10,2) not null default 0.00 check (total >= 0));
insert into invoices select g, g / 4.0 from generate_series(1, 250) g;
-- change
alter table invoices alter column total type numeric(12,4);
