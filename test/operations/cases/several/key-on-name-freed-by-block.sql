-- A block renames a column under a guard, and the next statement takes its name for a new key.
-- given
create schema auth;
create table auth.identities (id text not null, user_id uuid not null, provider text not null, constraint identities_pkey primary key (provider, id));
insert into auth.identities (id, user_id, provider) select 'v' || n, md5(n::text)::uuid, 'mail' from generate_series(1, 200) as n;
-- change
do $$
begin
  if not exists (
    select * from information_schema.columns
    where table_schema = 'auth' and table_name = 'identities' and column_name = 'provider_id')
  then
    alter table if exists auth.identities rename column id to provider_id;
  end if;
end $$;
alter table if exists auth.identities
  drop constraint if exists identities_pkey,
  add column if not exists id uuid default gen_random_uuid() primary key;
do $$
begin
  if not exists (
    select constraint_name from information_schema.table_constraints
    where table_schema = 'auth' and table_name = 'identities' and constraint_name = 'identities_provider_id_provider_unique')
  then
    alter table if exists auth.identities
      add constraint identities_provider_id_provider_unique unique (provider_id, provider);
  end if;
end $$;
-- old client
select provider from auth.identities where user_id = md5(':r')::uuid;
-- new client
select provider from auth.identities where user_id = md5(':r')::uuid;
