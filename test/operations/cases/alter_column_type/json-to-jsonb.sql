-- json becomes jsonb, and so does its default.
-- given
create table documents (id bigint primary key, body json not null default '{}'::json);
insert into documents select g, json_build_object('a', g, 'b', array[g, 1]) from generate_series(1, 300) g;
-- change
alter table documents alter column body type jsonb;
-- old client
insert into documents (id) values (100000 + :n);
update documents set body = '{"x" :  1}' where id = 1;
