-- Batches along a key of several columns of several types.
-- given
create table prices (region text, valid_from date, product uuid, cents int not null, primary key (region, valid_from, product));
insert into prices select 'r' || n % 3, date '2024-01-01' + (n % 11)::int, md5(n::text)::uuid, n from generate_series(1, 200) as n;
-- change
update prices set cents = cents + 100 where region <> 'r1';
