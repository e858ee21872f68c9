-- Batches over a moment as key, in an unlogged table outside the search path.
-- given
create schema "Log";
create unlogged table "Log"."Entry" (at timestamptz primary key, level text);
insert into "Log"."Entry" select timestamptz '2024-01-01 00:00:00+00' + n * interval '1 microsecond', 'l' || n % 3 from generate_series(1, 200) as n;
insert into "Log"."Entry" values ('infinity', 'l1'), ('-infinity', 'l1'), ('0044-03-15 12:00:00+00 BC', 'l1');
-- change
update "Log"."Entry" set level = upper(level) where level = 'l1';
-- old client
insert into "Log"."Entry" values (timestamptz '2030-01-01 00:00:00+00' + :n * interval '1 microsecond', 'old');
-- new client
insert into "Log"."Entry" values (timestamptz '2040-01-01 00:00:00+00' + :n * interval '1 microsecond', 'new');
