-- A check over the column would be read through the whole table under the lock.
-- given
create table codes (id bigint primary key, code varchar(20) constraint code_shape check (code ~ '^[a-z0-9]+$'), constraint code_not_id check (code <> id::text));
comment on constraint code_shape on codes is 'lower case only';
insert into codes select g, 'c' || g from generate_series(1, 300) g;
-- change
alter table codes alter column code type varchar(50);
