-- Rows that match are deleted in batches.
-- given
create table sessions (id bigint primary key, user_id bigint not null, expired boolean not null);
insert into sessions select n, n % 20, n % 3 = 0 from generate_series(1, 200) as n;
-- change
delete from sessions where expired;
-- old client
insert into sessions values (:n, 1, false);
update sessions set user_id = 7 where id = :r;
select id, user_id, expired from sessions where id = :r;
-- new client
insert into sessions values (:n, 2, false);
