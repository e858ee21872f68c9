-- What COMMENT says in one migration of a column and of what stands over it is there when the next one has changed its type.
-- given
create table orders (id bigint primary key, code integer not null constraint orders_code_positive check (code > 0), constraint orders_code unique (code));
create index orders_by_code on orders (code, id);
insert into orders select n, n from generate_series(1, 100) n;
-- change
comment on table orders is 'What ''people'' bought';
comment on column orders.code is 'the old code';
comment on column orders.code is 'the code';
comment on constraint orders_code on orders is 'one of each';
comment on constraint orders_code_positive on orders is 'no zero';
comment on index orders_by_code is 'for the list';
-- change
alter table orders alter column code type bigint;
