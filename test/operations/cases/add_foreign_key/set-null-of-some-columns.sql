-- ON DELETE SET NULL of some of the columns.
-- versions 15+
-- given
create table accounts (tenant integer, id integer, primary key (tenant, id));
insert into accounts select n % 3, n from generate_series(1, 200) n;
create table posts (id bigint primary key, tenant integer not null, author integer);
insert into posts select n, n % 3, n from generate_series(1, 200) n;
-- change
alter table posts add constraint posts_author foreign key (tenant, author) references accounts on delete set null (author);
