CREATE TYPE order_status AS ENUM ('new', 'paid', 'shipped');

CREATE TABLE orders (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  customer_id bigint,
  product_id bigint NOT NULL REFERENCES products (id),
  status order_status NOT NULL DEFAULT 'new',
  quantity integer NOT NULL DEFAULT 1,
  total_cents integer NOT NULL,
  note varchar(80),
  placed_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX orders_placed_at ON orders (placed_at);
