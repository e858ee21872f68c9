-- As it stands: every row of orders is written anew while nobody can read or write it.
ALTER TABLE orders ALTER COLUMN total_cents TYPE bigint;
ALTER TABLE orders ALTER COLUMN note TYPE varchar(200);
