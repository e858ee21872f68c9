-- Savepoints that nothing goes back to mean nothing, and transactions may be written in each of their forms.
-- given
create table users (id bigint primary key, email text);
insert into users select n, 'user' || n from generate_series(1, 200) as n;
-- change
start transaction isolation level serializable;
alter table users add column phone text;
savepoint a;
alter table users alter column email set not null;
release savepoint a;
commit and chain;
alter table users add constraint users_email unique (email);
end;
-- old client
update users set email = 'old' || :n where id = :r;
-- new client
update users set phone = 'new' where id = :r;
