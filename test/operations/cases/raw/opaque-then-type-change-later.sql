-- In a migration of its own, the change of type waits until the block has run, and carries over the index that it made.
-- given
create table users (id bigint primary key, number int not null);
insert into users select n, n from generate_series(1, 200) as n;
-- change
do $$ begin
  execute format('create index %I on users (number)', 'users_number');
end $$;
-- change
alter table users alter column number type bigint;
