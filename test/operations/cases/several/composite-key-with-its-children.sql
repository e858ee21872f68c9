-- Both columns of a composite key, and those of the tables that refer to it, one of them with the key in its own.
-- given
create table parcels (tenant integer not null, id integer not null, weight integer, parent integer, primary key (tenant, id), foreign key (tenant, parent) references parcels (tenant, id));
create table scans (tenant integer, parcel integer, at date, primary key (tenant, parcel, at), constraint of_parcel foreign key (tenant, parcel) references parcels (tenant, id) match full on delete cascade);
create table labels (id bigint primary key, tenant integer, parcel integer, check (tenant > 0 and parcel > 0), foreign key (tenant, parcel) references parcels (tenant, id));
create unique index labels_of_parcel on labels (parcel, tenant) where parcel is not null;
create statistics parcel_keys (dependencies) on tenant, id from parcels;
insert into parcels select 1 + n % 2, n, n, null from generate_series(1, 300) n;
update parcels set parent = id - 2 where id > 2;
insert into scans select 1 + n % 2, n, date '2024-01-01' from generate_series(1, 300) n;
insert into labels select n, 1 + n % 2, n from generate_series(1, 250) n;
-- change
alter table parcels alter tenant type bigint, alter id type bigint, alter parent type bigint;
alter table scans alter tenant type bigint;
alter table scans alter parcel type bigint;
alter table labels alter parcel type bigint;
-- old client
insert into parcels (tenant, id, weight, parent) values (1, 100000 + :n, 3, 2);
insert into scans (tenant, parcel, at) values (1, 100000 + :n, date '2024-02-02');
insert into labels (id, tenant, parcel) values (100000 + :n, 1, 100000 + :n) on conflict do nothing;
delete from scans where tenant = 1 and parcel = 100000 + :n and :n % 3 = 0;
update parcels set parent = 4 where tenant = 1 and id = 2 * (:r / 2);
-- new client
insert into parcels (tenant, id, weight, parent) values (2, 100000 + :n, 3, 1);
insert into scans (tenant, parcel, at) values (2, 100000 + :n, date '2024-02-02');
update labels set parcel = null where id = :r;
