-- The foreign keys go first, each in a transaction of its own.
-- shown in docs
-- given
create table users (id bigint primary key, email text not null);
create table tags (id bigint primary key, label text not null);
create table user_tags (user_id bigint references users (id), tag_id bigint references tags (id), primary key (user_id, tag_id));
insert into users select n, 'user' || n from generate_series(1, 200) as n;
insert into tags select n, 'tag' || n from generate_series(1, 10) as n;
insert into user_tags select n, n % 10 + 1 from generate_series(1, 200) as n;
-- change
drop table user_tags;
