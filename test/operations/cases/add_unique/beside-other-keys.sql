-- Tables that have keys already, of two columns and of a text; one is referred to.
-- given
create table halls (code text primary key, name text);
create table seats (hall text references halls, seat integer, ticket uuid, primary key (hall, seat));
insert into halls select 'h' || n, 'hall ' || n from generate_series(1, 200) as n;
insert into seats select 'h' || n, n % 7, md5(n::text)::uuid from generate_series(1, 200) as n;
-- change
alter table halls add constraint one_name unique (name);
alter table seats add constraint one_ticket unique (ticket) include (seat);
