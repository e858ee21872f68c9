-- BEGIN and COMMIT as other tools write them.
-- given
create table users (
  id bigint primary key,
  email text not null,
  name text
);
insert into users select n, 'user' || n || '@example.com', case when n % 3 > 0 then 'Name ' || n end from generate_series(1, 200) as n;
-- change
BEGIN;
ALTER TABLE users ADD COLUMN phone text;
CREATE INDEX users_phone ON users (phone);
COMMIT;
