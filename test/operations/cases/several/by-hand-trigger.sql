-- Triggers written by hand keep a code and its upper case form in step; contract swaps them in one transaction.
-- given
create table items (id bigint primary key, code text not null, label text);
insert into items select n, 'code-' || n, 'Label ' || n from generate_series(1, 200) as n;
-- change
-- migrate:expand
alter table items add column sku text;
create function items_sku() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.sku is null then new.sku := upper(new.code); else new.code := lower(new.sku); end if;
  elsif new.sku is distinct from old.sku and new.code is not distinct from old.code then
    new.code := lower(new.sku);
  else
    new.sku := upper(new.code);
  end if;
  return new;
end
$$;
create trigger zz_items_sku before insert or update of code, sku on items for each row execute function items_sku();
create unique index items_sku on items (sku);
-- migrate:backfill
update items set sku = upper(code) where sku is null;
-- migrate:contract
alter table items alter column sku set not null;
drop trigger zz_items_sku on items;
drop function items_sku();
alter table items drop column code;
-- same as
alter table items add column sku text;
update items set sku = upper(code);
create unique index items_sku on items (sku);
alter table items alter column sku set not null;
alter table items drop column code;
-- old client
insert into items (id, code) values (100000 + :n, 'old-' || :n);
update items set code = 'changed-' || :n where id = :r;
-- new client
insert into items (id, sku) values (100000 + :n, 'NEW-' || :n);
update items set sku = 'CHANGED-' || :n where id = :r;
update items set label = 'new' where id = :r;
