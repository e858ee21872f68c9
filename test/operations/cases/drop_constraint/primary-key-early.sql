-- A primary key that goes early comes back as one; its columns have stayed NOT NULL.
-- given
create table lines (order_id bigint, line_no integer, amount integer, primary key (order_id, line_no));
insert into lines select n / 4, n % 4, n from generate_series(1, 200) n;
-- change
-- migrate:phase expand
alter table lines drop constraint lines_pkey;
-- old client
insert into lines values (1000 + :n, 1, 1);
-- new client
insert into lines values (1000 + :n, 1, 1);
