-- ON CONFLICT DO UPDATE that is not idempotent: each row of the source counts exactly once, also after a crash.
-- given
create table visits (user_id bigint, day date, n int not null, primary key (user_id, day));
create table totals (user_id bigint, day date, n int not null, primary key (user_id, day));
insert into visits select k % 20, date '2024-01-01' + (k / 20)::int, k from generate_series(1, 200) as k;
insert into totals select user_id, day, 1000 from visits where n % 2 = 0;
-- change
insert into totals (user_id, day, n) select user_id, day, n from visits on conflict (day, user_id) do update set n = totals.n + excluded.n;
-- old client
insert into visits values (:n, '2024-01-01', 1);
-- new client
insert into totals values (:n, '2030-01-01', 1);
