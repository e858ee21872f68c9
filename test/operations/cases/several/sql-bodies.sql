-- Functions with a body that the server has parsed use the columns that change: they stay, and go on answering.
-- keeps data orders.price: the value that an empty one got is not taken away again
-- given
create table orders (code text primary key, at timestamptz not null, price integer, note text, old_note text);
create table lines (at timestamptz primary key, code text);
create function price_of(orders) returns integer language sql stable begin atomic select ($1).price; end;
create function dear(above integer) returns bigint language sql stable begin atomic select count(*) from orders where price > above; end;
create function remember(what text) returns void language sql begin atomic insert into orders (code, at, note) values (what, now(), what); end;
insert into orders select 'o' || n, timestamptz '2024-01-01 00:00:00+00' + n * interval '1 minute', case when n % 4 > 0 then n end, 'note ' || n from generate_series(1, 200) as n;
insert into lines select timestamptz '2024-01-01 00:00:00+00' + n * interval '1 minute', 'o' || n from generate_series(1, 200) as n;
-- change
-- migrate:using 0
alter table orders alter column price set not null;
-- migrate:using 1
alter table orders add column weight integer not null;
alter table orders alter column note set default 'none';
alter table orders add constraint price_range check (price >= 0);
alter table lines add constraint to_order foreign key (code) references orders;
alter table orders drop column old_note;
-- same as
update orders set price = 0 where price is null;
alter table orders alter column price set not null;
alter table orders add column weight integer;
update orders set weight = 1;
alter table orders alter column weight set not null;
alter table orders alter column note set default 'none';
alter table orders add constraint price_range check (price >= 0);
alter table lines add constraint to_order foreign key (code) references orders;
alter table orders drop column old_note;
