-- The default is nextval: what it gives cannot be compared with anything.
-- given
create table invoices (number serial, customer text not null, primary key (number));
insert into invoices (customer) select 'c' || g % 10 from generate_series(1, 300) g;
-- change
alter table invoices rename number to invoice_number;
-- old client
insert into invoices (customer) values ('old');
insert into invoices (number, customer) values (1000000 + :n, 'old, numbered');
-- new client
insert into invoices (customer) values ('new');
insert into invoices (invoice_number, customer) values (1000000 + :n, 'new, numbered');
