-- A policy is changed: rows may go out of the old application's sight, so it waits for contract.
-- given
create table notes (id bigint primary key, owner text not null, body text);
insert into notes select n, 'o' || n % 5, 'b' || n from generate_series(1, 200) as n;
alter table notes enable row level security;
create policy own on notes for all to public using (owner = current_user) with check (true);
-- change
alter policy own on notes using (owner = session_user and id > 0);
