-- With migrate:using, rows without a key get one, also those that the old application writes.
-- keeps data lines.id: rows without a key have the one they were given
-- given
create table lines (order_id bigint not null, line_no integer not null, id text);
insert into lines select n, n % 4, case when n % 2 = 0 then null else 'line ' || n end from generate_series(1, 200) n;
-- change
-- migrate:using order_id || '/' || line_no
alter table lines add primary key (id);
-- same as
update lines set id = order_id || '/' || line_no where id is null;
alter table lines add primary key (id);
-- old client
insert into lines (order_id, line_no) values (1000 + :n, 1);
-- new client
insert into lines (order_id, line_no, id) values (1000 + :n, 1, 'new' || :n);
