-- migrate:phase contract moves all of it, for an old application that still writes duplicates.
-- given
create table users (id bigint primary key, email text);
insert into users select n, 'u' || n from generate_series(1, 200) n;
-- change
-- migrate:phase contract
alter table users add unique (email);
-- old client
select * from users where id = :r;
-- new client
insert into users (id, email) values (1000 + :n, 'new' || :n);
