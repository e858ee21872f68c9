-- An array of texts of limited length becomes an array of texts; its index is GIN.
-- given
create table posts (id bigint primary key, tags varchar(10)[] not null default '{}');
create index on posts using gin (tags);
insert into posts select g, array['a' || g, 'b'] from generate_series(1, 250) g;
-- change
alter table posts alter column tags type text[];
