-- A primary key from an index that is there.
-- given
create table lines (id bigint not null, amount integer);
create unique index lines_id on lines (id);
insert into lines select n, n from generate_series(1, 200) n;
-- change
alter table lines add constraint lines_pkey primary key using index lines_id;
-- old client
insert into lines values (1000 + :n, 1);
-- new client
insert into lines values (1000 + :n, 2) on conflict (id) do nothing;
