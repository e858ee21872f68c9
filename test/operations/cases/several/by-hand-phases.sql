-- A file that is phased by hand: each statement runs in its section, and each the way that is safe there.
-- shown in docs
-- given
create table users (id bigint primary key, email text not null, name text, fax text);
insert into users select n, 'user' || n || '@example.com', 'Name ' || n from generate_series(1, 200) as n;
-- change
-- migrate:expand
ALTER TABLE users ADD COLUMN domain text;
CREATE INDEX users_domain ON users (domain);
-- migrate:backfill
UPDATE users SET domain = split_part(email, '@', 2) WHERE domain IS NULL;
CREATE STATISTICS users_domain_name (dependencies) ON domain, name FROM users;
-- migrate:contract
ALTER TABLE users ALTER COLUMN name SET NOT NULL;
ALTER TABLE users DROP COLUMN fax;
-- old client
insert into users (id, email, name) values (100000 + :n, 'old' || :n || '@example.com', 'Old');
update users set name = name || '!' where id = :r;
-- new client
update users set domain = 'new.example' where id = :r;
