-- A generated column is computed from one that gets its type in the same file.
-- versions 18+
-- given
create table posts (id bigint primary key, note text not null);
insert into posts select n, 'note' || n from generate_series(1, 200) as n;
-- change
alter table posts alter column note type integer using length(note);
alter table posts add column double bigint generated always as (note * 2) virtual;
-- old client
select note from posts where id = :r;
-- new client
select id from posts where id = :r;
