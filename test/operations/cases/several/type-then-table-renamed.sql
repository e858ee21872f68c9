-- A table gets another name in the transaction that puts a converted column in its place: the column still has what it had.
-- given
create table parts (id bigserial primary key, label text);
comment on column parts.id is 'the number';
insert into parts (label) select 'p' || n from generate_series(1, 60) n;
-- change
alter table parts alter column id type numeric(14,2);
alter table parts rename to pieces;
alter table pieces add column note text;
