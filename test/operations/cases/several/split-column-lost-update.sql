-- Both versions write the same rows: each write is computed from the row as the other version left it.
-- given
create table counters (id bigint primary key, pair text not null);
insert into counters select n, '0/0' from generate_series(1, 200) as n;
-- change
-- migrate:using split_part(pair, '/', 1)::integer
ALTER TABLE counters ADD COLUMN left_count integer NOT NULL;
-- migrate:using split_part(pair, '/', 2)::integer
ALTER TABLE counters ADD COLUMN right_count integer NOT NULL;
-- migrate:reverse left_count || '/' || right_count
ALTER TABLE counters DROP COLUMN pair;
-- same as
alter table counters add column left_count integer;
alter table counters add column right_count integer;
update counters set left_count = split_part(pair, '/', 1)::integer, right_count = split_part(pair, '/', 2)::integer;
alter table counters alter column left_count set not null;
alter table counters alter column right_count set not null;
alter table counters drop column pair;
-- old client
update counters set pair = (split_part(pair, '/', 1)::integer + 1) || '/' || split_part(pair, '/', 2) where id <= 5;
-- new client
update counters set right_count = right_count + 1 where id <= 5 and right_count is not null;
update counters set left_count = left_count + 1000 where id = 3 and left_count is not null;
