-- One column takes the place of another with another meaning: cents instead of euros, in a table without rows to lose.
-- given
create table prices (id bigint primary key, euros numeric(10,2) not null default 0, note text);
insert into prices select n, n + 0.25 from generate_series(1, 200) as n;
-- change
-- migrate:using (euros * 100)::bigint
ALTER TABLE prices ADD COLUMN cents bigint NOT NULL DEFAULT 0;
-- migrate:reverse cents / 100.0
ALTER TABLE prices DROP COLUMN euros;
CREATE INDEX prices_cents ON prices (cents);
ALTER TABLE prices ADD CONSTRAINT prices_cents_check CHECK (cents >= 0);
-- same as
alter table prices add column cents bigint not null default 0;
update prices set cents = (euros * 100)::bigint;
alter table prices drop column euros;
create index prices_cents on prices (cents);
alter table prices add constraint prices_cents_check check (cents >= 0);
-- old client
insert into prices (id, euros) values (100000 + :n, 1.5);
insert into prices (id) values (200000 + :n);
update prices set euros = euros + 1 where id = :r;
-- new client
insert into prices (id, cents) values (300000 + :n, 175);
insert into prices (id) values (400000 + :n);
update prices set cents = cents + 1 where id = 300000 + :n;
