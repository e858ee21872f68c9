ALTER TABLE customers DROP COLUMN legacy_code;
DROP INDEX orders_placed_at;
