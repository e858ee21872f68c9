-- given
create table invoices (number serial, customer text not null, primary key (number));
insert into invoices (customer) select 'c' || g % 10 from generate_series(1, 300) g;
-- change
alter table invoices rename number to invoice_number;
-- old client
insert into invoices (customer) values ('old');
insert into invoices (number, customer) values ((select max(number) + 500 from invoices), 'old, numbered');
-- new client
insert into invoices (customer) values ('new');
insert into invoices (invoice_number, customer) values ((select max(invoice_number) + 500 from invoices), 'new, numbered');
