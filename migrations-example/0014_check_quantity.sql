ALTER TABLE orders ADD CONSTRAINT orders_quantity_check CHECK (quantity > 0);
ALTER TYPE order_status ADD VALUE 'returned';
