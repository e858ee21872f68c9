CREATE TABLE products (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  sku text NOT NULL UNIQUE,
  name text NOT NULL,
  price_cents integer NOT NULL
);

INSERT INTO products (sku, name, price_cents) VALUES
  ('TEA-001', 'Green tea', 490),
  ('TEA-002', 'Black tea', 450),
  ('CUP-001', 'Cup', 1200);
