-- A permissive policy on a table that has row level security.
-- given
create table documents (id bigint primary key, owner_name text not null);
alter table documents enable row level security;
insert into documents select n, 'owner' || n % 5 from generate_series(1, 200) as n;
-- change
create policy own_documents on documents for select using (owner_name = current_user);
