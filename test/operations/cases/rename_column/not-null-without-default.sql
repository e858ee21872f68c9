-- Each version knows only its own name, and NULL is not allowed under either.
-- shown in docs
-- given
create table users (id bigint primary key, email text not null, age integer);
create unique index users_email_idx on users (email);
create index users_email_lower_idx on users (lower(email)) where age > 18;
comment on column users.email is 'Where we write to';
insert into users select g, 'u' || g || '@example.com', g % 90 from generate_series(1, 500) g;
-- change
alter table users rename column email to email_address;
-- old client
insert into users (id, email) values (100000 + :n, 'old' || :n);
update users set email = email || '.old' where id = 1;
update users set age = age + 1 where id = 2;
insert into users (id, email) values (3, 'again') on conflict (id) do update set email = excluded.email;
-- new client
insert into users (id, email_address) values (100000 + :n, 'new' || :n);
update users set email_address = 'written under the new name' where id = 4;
insert into users (id, email_address) values (5, 'again and again') on conflict (id) do update set email_address = excluded.email_address;
delete from users where id = 100000 + :n;
