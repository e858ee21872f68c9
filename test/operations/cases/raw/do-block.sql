-- Whether the statement of a block runs is decided by the schema: it is planned as if it stood alone.
-- shown in docs
-- given
create table users (id bigint primary key, email text not null);
insert into users select n, 'user' || n from generate_series(1, 200) as n;
-- change
do $$
begin
  if not exists (select from information_schema.columns where table_name = 'users' and column_name = 'phone') then
    alter table users add column phone text;
  end if;
end $$;
alter table users add column fax text;
