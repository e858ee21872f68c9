-- A default is set, and then the type changes: the constant keeps the type in which it was written.
-- given
create table posts (id bigint primary key, state text not null);
insert into posts select n, 'state' || n from generate_series(1, 200) as n;
-- change
alter table posts alter column state set default 'new';
alter table posts alter column state type varchar(60);
alter table posts add column kind text default 'plain';
alter table posts alter column kind type varchar(60);
alter table posts add column code char(8) default 'it''s';
alter table posts alter column code type text;
-- new client
insert into posts (id, state, kind, code) values (1000 + :n, 'fresh', 'plain', 'it''s');
select state, kind, code from posts where id = :r;
