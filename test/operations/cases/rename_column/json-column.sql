-- json has no equality operator.
-- given
create table readings (id bigint primary key, data json not null);
insert into readings select g, json_build_object('g', g) from generate_series(1, 250) g;
-- change
alter table readings rename column data to payload;
-- old client
update readings set data = '{"a": 1}' where id = 1;
update readings set data = '{"a":1}' where id = 1;
insert into readings (id, data) values (100000 + :n, '[]');
-- new client
update readings set payload = '{"a": 1}' where id = 2;
update readings set payload = '{"a":1}' where id = 2;
insert into readings (id, payload) values (100000 + :n, '[]');
