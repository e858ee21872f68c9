-- A table goes, and a new one takes the names of its key and its sequence.
-- given
create table logs (id serial constraint logs_key primary key, body text not null);
insert into logs (body) select 'line ' || n from generate_series(1, 200) as n;
-- change
drop table logs;
create table audit (id integer not null constraint logs_key primary key, body text not null);
create sequence logs_id_seq owned by audit.id;
