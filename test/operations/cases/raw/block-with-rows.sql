-- A block that only changes rows, with variables: its locks are known, and so is the schema after it.
-- given
create table users (id bigint primary key, email text, state text);
insert into users select n, 'user' || n, 'new' from generate_series(1, 200) as n;
-- change
do $$
declare
  states text[] := array['active'];
  changed int;
begin
  update users set state = states[1] where state = 'new';
  get diagnostics changed = row_count;
  raise notice '% rows', changed;
end $$;
alter table users alter column id type numeric;
