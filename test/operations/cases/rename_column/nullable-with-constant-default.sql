-- An explicit NULL, the default and no value at all are three different things.
-- given
create table orders (id integer generated always as identity primary key, state varchar(20) default 'new', total numeric(10,2) not null default 0);
insert into orders (state, total) select case when g % 7 = 0 then null when g % 2 = 0 then 'new' else 'paid' end, g from generate_series(1, 300) g;
create index on orders (state, total desc) include (id);
-- change
alter table orders rename state to status;
-- old client
insert into orders default values;
insert into orders (state) values (null), ('paid'), ('new');
update orders set state = null where id = 2;
update orders set state = default where id = 3;
-- new client
insert into orders default values;
insert into orders (status) values (null), ('paid'), ('new');
update orders set status = null where id = 4;
update orders set status = default where id = 5;
