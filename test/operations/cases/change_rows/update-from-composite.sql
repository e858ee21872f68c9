-- Along a key of several columns, from a table with such a key.
-- given
create table rates (region text, day date, rate numeric not null, primary key (region, day));
create table sales (region text, day date, line uuid, amount numeric not null, primary key (region, day, line));
insert into rates select 'r' || n % 3, date '2024-01-01' + n % 7, 1 + n % 5 from generate_series(0, 20) as n;
insert into sales select 'r' || n % 4, date '2024-01-01' + n % 9, md5(n::text)::uuid, n from generate_series(1, 200) as n;
-- change
update sales s set amount = s.amount * r.rate from rates r where (r.region, r.day) = (s.region, s.day);
