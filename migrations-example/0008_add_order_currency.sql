-- The classic three: add, fill, require.
ALTER TABLE orders ADD COLUMN currency text;
UPDATE orders SET currency = 'EUR' WHERE currency IS NULL;
-- migrate:using 'EUR'
ALTER TABLE orders ALTER COLUMN currency SET NOT NULL;
