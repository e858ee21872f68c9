-- Values that differ only in what the expression drops are duplicates.
-- expect DATA_VIOLATES
-- given
create table users (id bigint primary key, first text, last text);
insert into users select n, case when n % 2 = 0 then 'Ann' else 'ann' end, 'L' || n / 2 from generate_series(1, 200) n;
-- change
create unique index on users (lower(first), lower(last) collate "C" text_pattern_ops);
