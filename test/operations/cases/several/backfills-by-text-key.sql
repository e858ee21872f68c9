-- All that fills rows, batch by batch along a text as key whose order is not that of its bytes.
-- keeps data items.kind: the value that an empty one got is not taken away again
-- keeps data items.pieces: rows that violated the check have their repaired value
-- given
create table items (code text primary key, kind text, pieces integer, weight integer, name text not null, label text not null, old_note text not null);
insert into items select (array['ä', 'Z', 'a', '', ' ', 'é'])[1 + n % 6] || n, case when n % 3 > 0 then 'k' || n end, n - 5, n, 'n' || n, 'l' || n, 'o' || n from generate_series(1, 200) as n;
-- change
-- migrate:using 'none'
alter table items alter column kind set not null;
-- migrate:using 0
alter table items add constraint some_pieces check (pieces >= 0);
alter table items alter column weight type bigint;
alter table items rename name to title;
-- migrate:using upper(label)
ALTER TABLE items ADD COLUMN sign text NOT NULL;
-- migrate:reverse lower(sign)
ALTER TABLE items DROP COLUMN label;
-- migrate:reverse 'o'
alter table items drop column old_note;
-- same as
update items set kind = 'none' where kind is null;
alter table items alter column kind set not null;
update items set pieces = 0 where pieces < 0;
alter table items add constraint some_pieces check (pieces >= 0);
alter table items alter column weight type bigint;
alter table items rename name to title;
alter table items add column sign text;
update items set sign = upper(label);
alter table items alter column sign set not null;
alter table items drop column label;
alter table items drop column old_note;
