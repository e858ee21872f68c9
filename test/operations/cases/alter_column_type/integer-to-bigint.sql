-- A counter grows, with its check, its expression index and its comments.
-- given
create table counters (id bigint primary key, hits integer not null default 0, note text, constraint hits_positive check (hits >= 0));
create index counters_hits_idx on counters (hits desc) include (note) where hits > 10;
create index counters_expression_idx on counters ((hits * 2));
comment on column counters.hits is 'page views';
comment on index counters_hits_idx is 'for the top list';
comment on constraint hits_positive on counters is 'nobody looks away';
insert into counters select g, g * 10, 'n' || g from generate_series(1, 500) g;
-- change
alter table counters alter column hits type bigint;
-- old client
insert into counters (id, hits) values (100000 + :n, 5);
update counters set hits = hits + 1 where id = 1;
-- new client
insert into counters (id) values (100000 + :n);
update counters set hits = hits + 1 where id = 2;
