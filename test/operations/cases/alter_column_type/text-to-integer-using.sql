-- USING takes the number out of a text; an empty text becomes NULL.
-- shown in docs
-- given
create table products (id uuid primary key, weight text, label text not null default 'none');
create unique index on products (weight, id);
insert into products select ('00000000-0000-0000-0000-' || lpad(g::text, 12, '0'))::uuid, case when g % 9 = 0 then '' else (g * 3)::text || ' g' end from generate_series(1, 300) g;
-- change
alter table products alter column weight type integer using nullif(split_part(weight, ' ', 1), '')::integer;
-- old client
insert into products (id, weight) values (md5(:n::text)::uuid, '12 g');
update products set weight = '13 g' where id = '00000000-0000-0000-0000-000000000001';
update products set weight = null where id = '00000000-0000-0000-0000-000000000002';
