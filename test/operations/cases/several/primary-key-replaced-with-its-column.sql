-- A surrogate key goes with its column, and the natural key becomes the primary key under the same name.
-- given
create table owners (id serial primary key, crate_id int not null, user_id int not null, deleted boolean not null default false);
alter table owners add constraint owners_unique unique (crate_id, user_id);
insert into owners (crate_id, user_id) select n, n % 7 from generate_series(1, 200) as n;
-- change
alter table owners drop column id;
alter table owners drop constraint owners_unique;
alter table owners add primary key (crate_id, user_id);
-- old client
insert into owners (crate_id, user_id) values (1000 + :n, 1);
select id from owners where crate_id = :r;
-- new client
insert into owners (crate_id, user_id) values (100000 + :n, 1);
select deleted from owners where crate_id = :r;
