-- ON DELETE SET NULL and ON UPDATE CASCADE change the column behind the application's back.
-- given
create table authors (id uuid primary key, name text not null);
create table books (id bigint primary key, author uuid references authors (id) on delete set null on update cascade, title text not null);
create index books_author_idx on books (author);
insert into authors select ('00000000-0000-0000-0000-' || lpad(g::text, 12, '0'))::uuid, 'A' || g from generate_series(1, 50) g;
insert into books select g, ('00000000-0000-0000-0000-' || lpad((g % 50 + 1)::text, 12, '0'))::uuid, 'B' || g from generate_series(1, 400) g;
-- change
alter table books rename column author to author_id;
-- old client
update authors set id = ('10000000-0000-0000-0000-' || right(id::text, 12))::uuid where name = 'A1';
delete from authors where name = 'A2';
update books set author = null where id = 9;
-- new client
update books set author_id = (select id from authors where name = 'A3') where id = 10;
update books set author_id = null where id = 11;
update authors set id = ('20000000-0000-0000-0000-' || right(id::text, 12))::uuid where name = 'A4';
delete from authors where name = 'A5';
