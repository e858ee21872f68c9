-- What a statement does that nobody can look into might be about the column whose type is changed below it.
-- expect CANNOT_PLAN
-- given
create table users (id bigint primary key, number int not null);
insert into users select n, n from generate_series(1, 200) as n;
-- change
do $$ begin
  execute format('create index %I on users (number)', 'users_number');
end $$;
alter table users alter column number type bigint;
