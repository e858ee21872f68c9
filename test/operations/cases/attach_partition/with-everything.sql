-- The parent's key, indexes, foreign key and trigger are made on the table before, beside everybody.
-- given
create table kinds (kind text primary key);
insert into kinds select 'w' || n from generate_series(1, 200) as n;
create table logs (id bigint not null, at date not null, what text) partition by range (at);
create table logs_2024 partition of logs for values from ('2024-01-01') to ('2025-01-01');
insert into logs select n, date '2024-01-01' + n, 'w' || n from generate_series(1, 200) as n;
alter table logs add primary key (id, at);
create index logs_what on logs (what) where what <> '';
alter table logs add constraint logs_kind foreign key (what) references kinds;
create function nothing() returns trigger language plpgsql as 'begin return new; end';
create trigger quiet before insert on logs for each row execute function nothing();
create table logs_2025 (id bigint not null, at date not null, what text);
insert into logs_2025 select 1000 + n, date '2025-01-01' + n, 'w' || n from generate_series(1, 200) as n;
-- change
alter table logs attach partition logs_2025 for values from ('2025-01-01') to ('2026-01-01');
-- old client
select what from logs where id = :r;
-- new client
select what from logs where id = :r;
