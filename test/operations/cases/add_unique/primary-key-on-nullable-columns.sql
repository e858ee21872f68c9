-- A primary key makes its columns NOT NULL, so it waits for contract where one is not.
-- shown in docs
-- given
create table lines (order_id bigint, line_no integer not null, "Part" uuid, amount integer);
insert into lines select n / 4, n % 4, md5(n::text)::uuid, n from generate_series(1, 200) n;
-- change
alter table lines add constraint "The Key" primary key (order_id, line_no, "Part") include (amount);
-- old client
insert into lines values (1000 + :n, 1, md5('o' || :n)::uuid, 1);
-- new client
insert into lines values (1000 + :n, 1, md5('n' || :n)::uuid, 2);
