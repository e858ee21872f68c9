-- Both tables are unlogged and have uuids as keys; many rows refer to nothing.
-- given
create unlogged table batches (id uuid primary key, name text);
create unlogged table drafts (id uuid primary key, batch uuid);
insert into batches select md5(n::text)::uuid, 'b' || n from generate_series(1, 50) as n;
insert into drafts select md5('d' || n)::uuid, case when n % 3 > 0 then md5((1 + n % 50)::text)::uuid end from generate_series(1, 200) as n;
-- change
alter table drafts add constraint drafts_batch_fkey foreign key (batch) references batches (id) on delete set null;
