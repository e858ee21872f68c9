-- Indexes and constraints on the column go with it.
-- given
create table users (id bigint primary key, email text not null, handle text unique, age int check (age > 0));
create index users_handle_age on users (handle, age);
create index users_young on users (email) where age < 30;
create statistics users_stats on handle, age from users;
insert into users select n, 'user' || n, 'h' || n, 20 + n % 40 from generate_series(1, 200) as n;
-- change
alter table users drop column age;
alter table users drop column handle;
