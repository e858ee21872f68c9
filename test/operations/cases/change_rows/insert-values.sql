-- A few rows that everybody needs.
-- given
create table roles (id bigint primary key, name text not null unique);
insert into roles values (1, 'admin');
-- change
insert into roles values (2, 'editor'), (3, 'reader');
insert into roles values (1, 'admin') on conflict do nothing;
